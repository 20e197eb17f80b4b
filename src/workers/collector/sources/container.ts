import type { Buffer } from 'node:buffer';
import type { Readable } from 'node:stream';
import { createBackoff } from '../../../bus/backoff.js';
import type { SourcePosition } from '../../../contract/spool-batch.js';
import { DecnetError } from '../../../errors.js';
import type { OpenSourceOptions, Source, SourceLine, SourcePlace } from '../source.js';
import {
  containerPosition,
  placeAfter,
  readContainerPosition,
  resumeFrom,
  type ContainerPlace,
} from './container-position.js';
import type { Engine, InspectedContainer } from './engine.js';
import { createMessageJoiner, type EngineLine } from './join-messages.js';
import { createLineQueue } from './line-queue.js';
import { createFrameReader, createRawReader, type EngineMessage } from './log-frames.js';

export interface ContainerSource extends Source {
  /** The container is gone, and its last line was handed out. */
  readonly isFinished: boolean;
  /** It runs: if it is not read, it is time to. */
  nudge(): void;
}

/** A container's stdout and stderr, as its engine keeps them (docs/collector.md). */
export function openContainer(place: SourcePlace, engine: Engine, options: OpenSourceOptions): ContainerSource {
  const { now } = options;
  const queue = createLineQueue<SourcePosition>();
  const backoff = createBackoff(Math.random);
  /** Behind the last line in the queue, or handed out. */
  let reached: ContainerPlace | undefined = readContainerPosition(options.position);
  let connection: { readonly ending: AbortController; ended?: Promise<void> } | undefined;
  let stream: Readable | undefined;
  let retryAt = -Infinity;
  let trouble: string | null = null;
  /** The run that was read to its end after it was over. */
  let readRun: string | undefined;
  /** What was open when the engine ended the stream: a line, if the container never says more. */
  let flushRest: (() => void) | undefined;
  let isGone = false;
  let isClosed = false;
  let bug: Error | undefined;

  function connect(): void {
    const current: typeof connection = { ending: new AbortController() };
    connection = current;
    current.ended = follow(current.ending.signal)
      .catch((error: unknown) => {
        if (current.ending.signal.aborted) return;
        if (error instanceof DecnetError)
          trouble = error.next === undefined ? error.message : `${error.message}; ${error.next}`;
        else bug = error instanceof Error ? error : new Error(String(error));
        queue.wake();
      })
      .finally(() => {
        stream?.destroy();
        connection = stream = undefined;
        retryAt = now() + backoff.nextMs();
      });
  }

  /** From the question which container it is to the end of its stream. */
  async function follow(ending: AbortSignal): Promise<void> {
    const found = await engine.inspect(place.at, ending);
    if (found?.id !== reached?.container) flushRest?.();
    isGone = found === undefined;
    trouble = isGone ? `there is no container ${place.at}` : null;
    if (found === undefined) return;
    if (reached?.container !== found.id) reached = { container: found.id, last: null };
    const run = `${found.id} ${found.run}`;
    if (!found.isRunning && readRun === run) return;
    flushRest = undefined;
    const isWhole = await readLog(found, reached, ending);
    if (isWhole && !found.isRunning) readRun = run;
  }

  /** True = the engine ended the stream; false = it broke off. */
  async function readLog(container: InspectedContainer, from: ContainerPlace, ending: AbortSignal): Promise<boolean> {
    const resume = resumeFrom(from);
    const log = await engine.logs(container.id, resume.sinceNs, ending);
    if (log === undefined) return false;
    stream = log;
    let at = from;
    let isLost = false;

    const joiner = createMessageJoiner((line) => {
      const verdict = resume.judge(line);
      if (verdict === 'lost-place') {
        isLost = true;
        reached = resume.withoutPlace();
        log.destroy();
      } else if (verdict === 'new') {
        reached = at = placeAfter(at, line);
        queue.push(sourceLine(container.id, line), containerPosition(at));
        backoff.reset();
      }
    });
    const take = (message: EngineMessage): void => {
      if (message.stream === 'engine')
        trouble = `the engine on the log of ${place.at}: ${message.text.toString().trim()}`;
      else if (!isLost) joiner.push(message);
    };
    const raw = container.hasTerminal ? createRawReader(take) : undefined;
    const reader = raw ?? createFrameReader(take);
    log.on('data', (chunk: Buffer) => {
      if (!log.destroyed) reader.push(chunk, (error) => log.destroy(error));
      if (queue.isFull) log.pause();
    });
    const isWhole = await new Promise<boolean>((resolve) => {
      log.once('end', () => resolve(true));
      log.once('close', () => resolve(false));
      log.on('error', (error) => {
        if (!ending.aborted) trouble = `the log of ${place.at} broke off: ${error.message}`;
      });
    });
    if (isWhole) {
      flushRest = () => {
        raw?.flush();
        joiner.flush();
        flushRest = undefined;
      };
    }
    return isWhole;
  }

  return {
    place,
    read(limits) {
      if (bug !== undefined) return Promise.reject(bug);
      if (connection === undefined && !isClosed && now() >= retryAt) connect();
      const taken = queue.take(limits);
      if (!queue.isFull) stream?.resume();
      if (taken === undefined) return Promise.resolve(undefined);
      return Promise.resolve({ lines: taken.lines, position: taken.place, more: taken.more });
    },
    readable: (ended) => queue.readable(ended),
    state: () => ({ trouble, behindBytes: null }),
    nudge() {
      if (connection === undefined) retryAt = -Infinity;
    },
    get isFinished() {
      return isClosed || (isGone && queue.isEmpty);
    },
    async close() {
      isClosed = true;
      connection?.ending.abort();
      queue.wake();
      await connection?.ended;
    },
  };
}

const CR = 0x0d;

/** null = an empty one. */
function sourceLine(container: string, { text: bytes, timeNs, ordinal, ...line }: EngineLine): SourceLine | null {
  const text = bytes.toString('utf8', 0, bytes.at(-1) === CR ? bytes.length - 1 : bytes.length);
  if (text === '') return null;
  const eventKey = `${container} ${timeNs} ${ordinal}`;
  return { text, bytes: line.bytes, receivedAt: Number(timeNs / 1_000_000n), eventKey };
}
