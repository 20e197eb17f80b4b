/**
 * The addon's functions, as native/addon/*.cc define them (docs/addon.md). Written by hand; test/native-addon holds
 * both sides against each other. Failures are thrown (or rejected) as NativeError.
 */
export interface NativeError extends Error {
  /** `'ENOSPC'`, …, or one of the core's own: `'SR_E_BAD_FILE'`, …; `'EINVAL'` for an argument that cannot be meant. */
  readonly code: string;
  /** As Node's own system errors: negative, -errno; the core's own codes are -4096 and below. */
  readonly errno: number;
  /** The call that failed: `'openpty'`, `'execve'`, `'statvfs'`, … */
  readonly syscall: string;
}

export interface NativePty {
  /** Both close-on-exec; to be closed by the caller (closeFd). */
  readonly master: number;
  readonly slave: number;
  /** `/dev/pts/N` */
  readonly name: string;
}

export interface NativeSize {
  readonly cols: number;
  readonly rows: number;
}

export interface NativeSpawnOptions {
  /** Absolute path. */
  readonly file: string;
  readonly argv: readonly string[];
  /** `NAME=value` each: the whole environment. */
  readonly env: readonly string[];
  readonly cwd?: string | undefined;
  /** What become fds 0, 1, 2 of the child; -1 = closed. Borrowed. No other fd reaches the child. */
  readonly stdio: readonly [number, number, number];
  /** setsid(). */
  readonly newSession?: boolean | undefined;
  /** stdio[0] becomes the controlling terminal; with newSession. */
  readonly ctty?: boolean | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  /** Default: `[gid]` where gid is given, none where only uid is. */
  readonly groups?: readonly number[] | undefined;
}

/** `leaveUnreaped: true` gives only this: somebody else must wait for it (a relay's `child`). */
export interface NativeUnreapedChild {
  readonly pid: number;
}

export interface NativeExit {
  readonly status: number | null;
  readonly signal: string | null;
}

export interface NativeChild {
  readonly pid: number;
  /** Waited for by a pidfd on the event loop: keeps the loop alive, like child_process, unless `unref()`ed. */
  readonly exited: Promise<NativeExit>;
  /** Sends a signal by number, never to a recycled pid. false when it has ended. */
  kill(signal: number): boolean;
  ref(): void;
  unref(): void;
}

/** Readiness of one non-blocking fd. `fd` is taken over and closed by `close()`. */
export interface NativeFdWatch {
  /** Asks for callbacks: reading, writing, both, none. Level-triggered. */
  want(readable: boolean, writable: boolean): void;
  /** Bytes read into `into` (> 0), 0 at the end (EOF, or EIO of a pty), -1 when there is nothing now. Throws on other failures. */
  read(into: Uint8Array): number;
  /** Bytes taken, 0 when there is no room now. Throws EPIPE, EIO, … */
  write(bytes: Uint8Array): number;
  close(): void;
}

export interface NativeRelayOptions {
  /** The login's side. Borrowed. `clientErr` only without a pty. */
  readonly clientIn: number;
  readonly clientOut: number;
  readonly clientErr?: number | undefined;
  /** The shell's side: the pty master as both, or pipes. Taken over and closed, unless this throws. */
  readonly shellIn: number;
  readonly shellOut: number;
  readonly shellErr?: number | undefined;
  readonly pty: boolean;
  /**
   * The shell's pid (spawn with `leaveUnreaped`): waited for and reported. With it on a pty, keep the slave open until
   * `done`. Without it the end is the end of the shell's output.
   */
  readonly child?: number | undefined;
  readonly transcriptsDir: string;
  readonly service: string;
  readonly user: string;
  readonly srcIp?: string | null | undefined;
  /** Default: a fresh UUIDv4. */
  readonly sid?: string | undefined;
  /** CLOCK_REALTIME at t = 0, microseconds since the epoch. Default: now. */
  readonly t0Us?: number | undefined;
  /** `pts/3`; null without one. */
  readonly tty?: string | null | undefined;
  readonly shell?: string | undefined;
  readonly term?: string | undefined;
  readonly sessionCapBytes?: number | undefined;
  readonly inputReserveBytes?: number | undefined;
  readonly minFreeBytes?: number | undefined;
  readonly maxDayBytes?: number | undefined;
}

export interface NativeRelayResult {
  readonly reason: 'exit' | 'signal' | 'hangup' | 'terminated';
  /** Both null without `child`. */
  readonly status: number | null;
  readonly signal: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly undelivered: number;
  readonly durationMs: number;
  readonly anchor: NativeAnchor;
}

export interface NativeRelay {
  readonly sid: string;
  readonly done: Promise<NativeRelayResult>;
  /** Ends the session as `terminated`. May be called at any time. */
  stop(): void;
  /** The client's terminal has another size now: pass it on and record it. */
  resized(): void;
}

/** What was recorded up to now; the end line is counted in none of it, so that at the end it says what that line says. */
export interface NativeAnchor {
  readonly lines: number;
  readonly bytes: number;
  readonly sha256: string;
  /** File name of the part. */
  readonly shard: string;
  readonly parts: number;
  readonly truncated: boolean;
  /** Lines that could not be written. */
  readonly failed: number;
}

export interface NativeShardOptions {
  readonly dir: string;
  /** Default: a fresh UUIDv4. */
  readonly sid?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly service: string;
  readonly user: string;
  readonly srcIp?: string | null | undefined;
  readonly tty?: string | null | undefined;
  readonly shell?: string | undefined;
  readonly term?: string | undefined;
  /** CLOCK_REALTIME at t = 0, microseconds since the epoch. Default: now. */
  readonly t0Us?: number | undefined;
  readonly sessionCapBytes?: number | undefined;
  readonly inputReserveBytes?: number | undefined;
  readonly minFreeBytes?: number | undefined;
  readonly maxDayBytes?: number | undefined;
}

export interface NativeEnd {
  readonly reason: 'exit' | 'signal' | 'hangup' | 'terminated';
  readonly status?: number | null | undefined;
  /** Without SIG: `'HUP'`. */
  readonly signal?: string | null | undefined;
  readonly undelivered?: number | undefined;
}

/** One session being written to a shard. `tUs` = microseconds since its start, never falling. */
export interface NativeShard {
  readonly sid: string;
  appendData(ch: 'i' | 'o' | 'e' | 'c', tUs: number, bytes: Uint8Array, noecho?: boolean): void;
  resize(tUs: number, width: number, height: number): void;
  /** Writes the end line; no further line can follow. */
  end(tUs: number, end: NativeEnd): void;
  anchor(): NativeAnchor;
  /** Without `end` this leaves a session that was cut off. */
  close(): void;
}

export interface NativeDisk {
  /** What a process without privilege can still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Infinity where the file system does not count them. */
  readonly freeInodes: number;
}

export interface NativePeer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

export interface NativeAddon {
  openPty(size?: NativeSize): NativePty;
  /** A close-on-exec pipe. */
  openPipe(): { readonly read: number; readonly write: number };
  setSize(fd: number, cols: number, rows: number): void;
  /** 0x0, or no terminal, gives 80x24. */
  getSize(fd: number): NativeSize;
  closeFd(fd: number): void;
  spawn(options: NativeSpawnOptions & { readonly leaveUnreaped: true }): NativeUnreapedChild;
  spawn(options: NativeSpawnOptions): NativeChild;
  /** Sets O_NONBLOCK on `fd` and takes it over. */
  watchFd(fd: number, onReady: (readable: boolean, writable: boolean) => void): NativeFdWatch;
  relay(options: NativeRelayOptions): NativeRelay;
  openShard(options: NativeShardOptions): NativeShard;
  statvfs(path: string): NativeDisk;
  sha256Accelerated(): boolean;
  /** Who is at the other end of a unix socket (SO_PEERCRED). */
  peerCred(fd: number): NativePeer;
  /** One datagram to a unix socket: an absolute path, or `@` and an abstract name. Never waits: EAGAIN where nobody reads. */
  notifySocket(path: string, text: string): void;
  /**
   * Takes the whole file for this open file description (F_OFD_SETLK); false = somebody else has it. It is given back
   * when the last descriptor of that open file is closed: at the latest when the process is gone.
   */
  tryLock(fd: number): boolean;
  /** Append-only for everybody, root too (FS_APPEND_FL, `chattr +a`), or no more. Throws EPERM without CAP_LINUX_IMMUTABLE, ENOTTY or EOPNOTSUPP where the file system has no such flag. */
  setAppendOnly(fd: number, on: boolean): void;
  /** false also where the file system has no such flag. */
  isAppendOnly(fd: number): boolean;
  /** Sets room aside (fallocate with KEEP_SIZE): the file's size stays. Throws ENOSPC, EOPNOTSUPP, … */
  preallocate(fd: number, bytes: number): void;
}
