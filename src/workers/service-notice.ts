/** What the service manager is told about this process, put together from its workers. */
export interface ServiceNotice {
  /** The worker of that name; the same one each time. READY waits for all that were ever asked for. */
  member(worker: string): NoticeMember;
  close(): void;
}

export interface NoticeMember {
  /** It is in its loop, or will not be. */
  ready(): void;
  /** A few words for a person. */
  status(text: string): void;
  /** Asked before each sign of life: whether it got on since the last time. */
  watch(gotOn: () => boolean): void;
  stopping(): void;
}
