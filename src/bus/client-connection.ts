import { connect } from 'node:net';
import type { BusClock } from './clock.js';
import { createFrameDecoder, encodeFrame, type Frame } from './frame.js';
import { CLOSE_GRACE_MS, FRAME_TIMEOUT_MS, QUEUE_MAX_BYTES } from './limits.js';

export interface ClientConnection {
  /** A frame about the connection itself, in order, at once. */
  say(frame: Buffer): void;
  /** An event; it waits until the server has answered. False where it did not get away. */
  write(frame: Buffer): Promise<boolean>;
  /** What waits, BYE; resolves when the connection is closed. */
  end(): Promise<void>;
}

export interface ClientConnectionOptions {
  readonly path: string;
  readonly name: string;
  readonly clock: BusClock;
  /** The server answered HELLO. */
  readonly onOpen: () => void;
  readonly onFrame: (frame: Frame) => void;
  /** Once, at the end, opened or not. */
  readonly onClose: (why: string) => void;
}

/** What goes in one write, and what all of its publishers wait for. */
interface Batch {
  readonly frames: Buffer[];
  bytes: number;
  readonly isSent: Promise<boolean>;
  readonly settle: (isSent: boolean) => void;
}

function createBatch(): Batch {
  let settle: (isSent: boolean) => void = () => undefined;
  const isSent = new Promise<boolean>((resolve) => (settle = resolve));
  return { frames: [], bytes: 0, isSent, settle };
}

/** One connection to the server's socket, from HELLO to BYE; it does not come back. */
export function createClientConnection(options: ClientConnectionOptions): ClientConnection {
  const { clock, onFrame } = options;
  const socket = connect(options.path);
  let waiting = createBatch();
  let writingBytes = 0;
  let [isOpen, isWriting, isScheduled, isEnding, isClosed] = [false, false, false, false, false];
  let why = 'the server closed the connection';
  let whenClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (whenClosed = resolve));

  const decoder = createFrameDecoder((frame) => {
    if (frame.verb === 'OK' && frame.args[0] === 'HELLO') open();
    else if (frame.verb === 'BYE') abandon('the server said BYE');
    else onFrame(frame);
    return !socket.destroyed;
  });
  const cancelTimeout = clock.after(FRAME_TIMEOUT_MS, () => {
    abandon('the server does not answer');
  });

  socket.write(encodeFrame('HELLO', [options.name, 'acks']));
  socket.on('data', (chunk) => {
    const fault = decoder.push(chunk);
    if (fault !== null) abandon(`the server does not speak our language: ${fault}`);
  });
  socket.on('error', (error) => {
    why = error.message;
  });
  socket.once('close', () => {
    isClosed = true;
    cancelTimeout();
    waiting.settle(false);
    whenClosed();
    options.onClose(why);
  });

  function open(): void {
    if (isOpen) return;
    isOpen = true;
    cancelTimeout();
    options.onOpen();
    schedule();
  }

  function abandon(reason: string): void {
    why = reason;
    socket.destroy();
  }

  /** Everything that is published in one turn goes in one write. */
  function schedule(): void {
    if (!isOpen || isWriting || isScheduled) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      flush();
    });
  }

  function flush(): void {
    if (isClosed) return;
    const batch = waiting;
    if (batch.frames.length === 0) {
      if (isEnding) socket.end(encodeFrame('BYE', []));
      return;
    }
    waiting = createBatch();
    isWriting = true;
    writingBytes = batch.bytes;
    socket.write(Buffer.concat(batch.frames, batch.bytes), (error) => {
      isWriting = false;
      writingBytes = 0;
      batch.settle(error === null || error === undefined);
      flush();
    });
  }

  return {
    say: (frame) => socket.write(frame),
    write(frame) {
      // A server that does not read any more must not cost us our memory.
      if (isClosed || isEnding || writingBytes + waiting.bytes + frame.length > QUEUE_MAX_BYTES) {
        return Promise.resolve(false);
      }
      waiting.frames.push(frame);
      waiting.bytes += frame.length;
      schedule();
      return waiting.isSent;
    },
    end() {
      if (isClosed) return closed;
      isEnding = true;
      schedule();
      const cancel = clock.after(CLOSE_GRACE_MS, () => socket.destroy());
      return closed.finally(cancel);
    },
  };
}
