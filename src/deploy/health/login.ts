/** Where and as whom to log in. */
export interface LoginAs {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** What the session's header is to say. */
  readonly term: string;
}

/** A login of our own, on its way. */
export interface Login {
  /** Resolves when it is over: null as expected, else one line on why not. Never rejects. */
  readonly over: Promise<string | null>;
  /** The session is there: it may end. */
  leave(): void;
  /** It must end. */
  close(): void;
}

/** How a shell is told that nothing more comes; it leaves no line in a history. */
export const END_OF_INPUT = '\u0004';
/** A shell that is not at its prompt yet may drop it. */
export const LEAVE_EVERY_MS = 250;
