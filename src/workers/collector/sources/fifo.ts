import { closeSync, constants, fstatSync, openSync, statSync, type Stats } from 'node:fs';
import { Socket } from 'node:net';
import { createBackoff } from '../../../bus/backoff.js';
import type { OpenSourceOptions, Source, SourcePlace } from '../source.js';
import { createStreamQueue } from './stream-queue.js';
import { troubleText } from './trouble-text.js';

interface Pipe {
  readonly inode: string;
  readonly socket: Socket;
  /** It brought something since the last look. */
  isBusy: boolean;
}

/** How often it is looked whether another FIFO has taken the place. */
const LOOK_MS = 1000;
/** So many writers may come and go between two reads; then it is not read before the next. */
const ENDS_MAX = 16;

/** The reading end of a FIFO (docs/collector.md). */
export function openFifo(place: SourcePlace, { now }: Pick<OpenSourceOptions, 'now'>): Source {
  const { at: path, untrusted } = place;
  const lines = createStreamQueue(now);
  const backoff = createBackoff(Math.random);
  const pipes = new Set<Pipe>();
  let current: Pipe | undefined;
  let trouble: string | null = null;
  let retryAt = -Infinity;
  let lookAt = -Infinity;
  let ends = 0;
  let isClosed = false;

  /** Never waits for a writer. Throws what the file system says. */
  function openPipe(): void {
    const follow = untrusted ? constants.O_NOFOLLOW : 0;
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | follow);
    const stats = fstatSync(fd);
    if (!stats.isFIFO()) {
      closeSync(fd);
      throw new Error('it is no FIFO');
    }
    const socket = new Socket({ fd, readable: true, writable: false });
    const pipe: Pipe = { inode: identity(stats), socket, isBusy: true };
    const intake = lines.intake({ octetCounts: false });
    socket.on('data', (chunk: Buffer) => {
      pipe.isBusy = true;
      intake.push(chunk);
      if (lines.isFull) for (const each of pipes) each.socket.pause();
    });
    socket.once('end', () => {
      intake.flush();
      // Opened before this end is closed: what a next writer writes meanwhile has a reader.
      ends++;
      if (pipe === current && !isClosed) attempt();
    });
    socket.on('error', (error) => (trouble = troubleText(path, error)));
    socket.once('close', () => {
      pipes.delete(pipe);
      if (pipe === current) current = undefined;
    });
    if (lines.isFull || ends >= ENDS_MAX) socket.pause();
    pipes.add(pipe);
    current = pipe;
  }

  function attempt(): void {
    try {
      openPipe();
      trouble = null;
      backoff.reset();
    } catch (error) {
      trouble = troubleText(path, error);
      retryAt = now() + backoff.nextMs();
    }
  }

  function look(): void {
    if (now() < lookAt) return;
    lookAt = now() + LOOK_MS;
    for (const pipe of pipes) {
      // One that was replaced goes when its writers have fallen silent.
      if (pipe !== current && !pipe.isBusy && !lines.isFull) pipe.socket.destroy();
      pipe.isBusy = false;
    }
    const there = statSync(path, { throwIfNoEntry: false });
    if (current !== undefined && there !== undefined && identity(there) !== current.inode) attempt();
  }

  return {
    place,
    read(limits) {
      ends = 0;
      if (current === undefined && !isClosed && now() >= retryAt) attempt();
      look();
      const batch = lines.read(limits);
      if (!lines.isFull) for (const { socket } of pipes) socket.resume();
      return Promise.resolve(batch);
    },
    readable: (ended) => lines.readable(ended),
    state: () => ({ trouble, behindBytes: null }),
    close() {
      isClosed = true;
      for (const { socket } of pipes) socket.destroy();
      lines.wake();
      return Promise.resolve();
    },
  };
}

function identity({ dev, ino }: Stats): string {
  return `${dev} ${ino}`;
}
