import type { NativeAddon, NativeFdWatch } from './addon-types.js';

const READ_BYTES = 65536;
/** More than a pty or pipe holds: what somebody still writes for ever must not keep a drain going. */
const DRAIN_READS = 16;

/** One fd of the client's side, a pty master (both ways) or one end of a pipe (one way). */
export interface TerminalStream {
  /** Queues bytes; what the kernel takes at once has gone when this returns. Lost once the other side is gone. */
  write(bytes: Buffer): void;
  /** Resolves when the queue is empty, or lost. */
  flushed(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Reads what is there now, unless paused. */
  drain(): void;
  /** Closes as soon as the queue is empty. */
  finish(): void;
  close(): void;
  /** The end of reading: EOF, or close(). */
  readonly ended: Promise<void>;
}

export interface TerminalStreamOptions {
  readonly addon: NativeAddon;
  /** Taken over. */
  readonly fd: number;
  /** Whether there is anything to read on it. */
  readonly reads: boolean;
  readonly onBytes?: (bytes: Buffer) => void;
}

export function createTerminalStream(options: TerminalStreamOptions): TerminalStream {
  const { addon, fd, reads, onBytes } = options;
  const buffer = Buffer.allocUnsafe(reads ? READ_BYTES : 1);
  const queue: Buffer[] = [];
  const flushWaiters: (() => void)[] = [];
  let [paused, closed, readEnded, finishing] = [false, false, !reads, false];
  let end!: () => void;
  const ended = new Promise<void>((resolve) => (end = resolve));
  const watch: NativeFdWatch = addon.watchFd(fd, (readable, writable) => {
    if (writable) send();
    if (readable) receive();
    listen();
  });
  listen();

  function listen(): void {
    if (!closed) watch.want(!readEnded && !paused, queue.length > 0);
  }

  /** One read; false when that was all there is now. */
  function receive(): boolean {
    if (closed || paused || readEnded) return false;
    const n = watch.read(buffer);
    if (n > 0) onBytes?.(Buffer.from(buffer.subarray(0, n)));
    if (n === 0) {
      readEnded = true;
      end();
    }
    return n > 0;
  }

  function send(): void {
    try {
      for (let head = queue[0]; head !== undefined && !closed; head = queue[0]) {
        const n = watch.write(head);
        if (n < head.length) {
          queue[0] = head.subarray(n);
          return;
        }
        queue.shift();
      }
    } catch {
      queue.length = 0; // EPIPE or EIO: nobody is there any more, and a client never learns what was lost
    }
    if (queue.length > 0) return;
    for (const resolve of flushWaiters.splice(0)) resolve();
    if (finishing) close();
  }

  function close(): void {
    if (closed) return;
    closed = true;
    queue.length = 0;
    watch.close();
    for (const resolve of flushWaiters.splice(0)) resolve();
    end();
  }

  return {
    ended,
    close,
    write(bytes) {
      if (closed || finishing || bytes.length === 0) return;
      queue.push(bytes);
      if (queue.length === 1) send();
      listen();
    },
    flushed: () => (queue.length === 0 ? Promise.resolve() : new Promise((resolve) => flushWaiters.push(resolve))),
    pause() {
      paused = true;
      listen();
    },
    resume() {
      paused = false;
      listen();
    },
    drain() {
      for (let i = 0; i < DRAIN_READS && receive(); i++);
      listen();
    },
    finish() {
      finishing = true;
      if (queue.length === 0) close();
    },
  };
}
