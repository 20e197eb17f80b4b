/**
 * What a harness sees of a program on a terminal (terminal.ts). The harness plays the client that sits at the far end
 * of a login: what sshd and the attacker's ssh are to a login shell.
 */
export interface TerminalOptions {
  /** Absolute path of the program. */
  readonly file: string;
  /** Its whole argv, argv[0] included, as a login gives it (`['-bash']`). Default `[file]`. */
  readonly argv?: readonly string[];
  /** Its whole environment; nothing is inherited unless given here. Default: this process's environment. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where it starts. Default: where this process is. */
  readonly cwd?: string;
  /** Size of the terminal, default 80x24. Without effect when `pty` is false. */
  readonly cols?: number;
  readonly rows?: number;
  /** Run as this user, for good (real, effective, saved); the pty is given to it, as sshd does. Needs root. */
  readonly uid?: number;
  readonly gid?: number;
  /** Supplementary groups; default `[gid]` when `uid` or `gid` is given. */
  readonly groups?: readonly number[];
  /**
   * true (default): the program is a session leader, fds 0-2 are a fresh pty, which is its controlling terminal.
   * false: it is a session leader without a terminal and fds 0-2 are three pipes, as for `ssh -T`.
   */
  readonly pty?: boolean;
}

/** How a process ended; exactly one of the two is not null. */
export interface TerminalExit {
  /** Exit status 0..255, or null if a signal ended it. */
  readonly status: number | null;
  /** `'SIGHUP'`, …, or null if it exited. */
  readonly signal: string | null;
}

export interface TerminalWaitOptions {
  /** Default 5000. */
  readonly timeoutMs?: number;
  /** What to look at; `'err'` (stderr) exists only when `pty` is false. Default `'out'`. */
  readonly stream?: 'out' | 'err';
}

export interface TerminalTypeOptions {
  /**
   * Milliseconds between one key and the next: one for all, or a list, `gapsMs[i]` between key i and key i + 1, begun
   * again from its start when there are more keys. The first key goes at once. Default 0.
   */
  readonly gapsMs?: number | readonly number[];
}

/** One program on one terminal. Every method but `output` and `tail` may be called at any time, in any order. */
export interface Terminal {
  readonly pid: number;
  /** `/dev/pts/N`: the outer pty, as the program's `tty` prints it unless it has its own; null when `pty` is false. */
  readonly name: string | null;

  /** Sends bytes (a string as UTF-8) at once, queued where the program does not read. What is still queued or sent when the program is gone is lost, as on a network. */
  write(bytes: string | Uint8Array): void;
  /** Resolves when everything written so far was taken by the kernel, or lost. */
  flushed(): Promise<void>;
  /**
   * Types with real timing. A string is sent character by character; a list key by key, so that `'\x1b[D'` (one arrow)
   * or a paste goes in one write. Keys are due at fixed times from the first, so late timers do not add up.
   * Resolves after the last key with the times the keys went at, in ms since the first (`[0, …]`).
   */
  type(text: string | readonly string[], options?: TerminalTypeOptions): Promise<number[]>;
  /**
   * Resolves once `pattern` stands in what was received after the end of the last match (each stream has its own
   * cursor), and moves the cursor behind it. A RegExp is matched against all of that text, so `$` is "nothing more yet".
   * @returns the matched text and everything between the cursor and it.
   * @throws DecnetError E_TERMINAL after `timeoutMs`, or when the output ended without it; the message shows the tail.
   */
  waitFor(pattern: string | RegExp, options?: TerminalWaitOptions): Promise<{ before: string; match: string }>;

  /** Sets the terminal's size; its foreground process group gets SIGWINCH. Throws when `pty` is false. */
  resize(cols: number, rows: number): void;
  /** Closes the client's side at once: SIGHUP to the session on a pty; EOF and EPIPE on pipes. */
  hangup(): void;
  /** Stops reading (a stalled client) until `resume()`; the kernel's buffers then fill. */
  pause(): void;
  resume(): void;
  /** Pipes: EOF on the program's stdin once what was written has gone. On a pty send `'\x04'` yourself: throws. */
  endInput(): void;
  /** Signals the program (not its group). Nothing happens when it has ended. */
  kill(signal: NodeJS.Signals): void;

  /** Every byte of stdout (on a pty: of everything) as the client received it so far. */
  output(): Buffer;
  /** Every byte of stderr so far; empty on a pty. */
  errorOutput(): Buffer;

  /**
   * The program has ended and was reaped; all that was readable then has been read (unless paused). A background job
   * that still holds the terminal delays nothing.
   */
  readonly exited: Promise<TerminalExit>;
  /** No more output can come: every holder of the terminal closed it, or `hangup()`, or `close()`. Never rejects. */
  readonly closed: Promise<void>;
  /** Hangs up, and kills the program with SIGKILL if it has not ended `graceMs` (default 1000) later. Leaves no fd, no zombie. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
