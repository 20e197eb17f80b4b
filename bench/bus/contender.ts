/** A message bus with its server in a process of its own, as the bench drives it. */
export interface Contender {
  readonly name: string;
  /** One publisher and so many subscribers, each with a connection of its own, all subscribed. */
  open(subscribers: number, onEvent: (subscriber: number) => void): Promise<OpenContender>;
  close(): Promise<void>;
}

export interface OpenContender {
  /** One event with a payload of 200 bytes. */
  publish(): void;
  close(): Promise<void>;
}

export const PAYLOAD_BYTES = 200;

/** A payload that is 200 bytes long as JSON. */
export const PAYLOAD = { text: 'x'.repeat(PAYLOAD_BYTES - '{"text":""}'.length) };
