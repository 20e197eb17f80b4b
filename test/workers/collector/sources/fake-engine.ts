import { createServer, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDir } from './support.js';

/** What the engine has in a container's log. */
export interface FakeMessage {
  readonly stream: 1 | 2;
  /** ns since the epoch. */
  readonly timeNs: bigint;
  /** As the engine shows it: with LF, unless it cut there. */
  readonly text: string | Buffer;
}

export interface FakeContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly log: FakeMessage[];
  isRunning: boolean;
  hasTerminal: boolean;
}

export interface FakeEngine {
  readonly socketPath: string;
  readonly containers: Map<string, FakeContainer>;
  /** Every answer for a path that begins so is this status, until it is taken back. */
  failing: { path: string; status: number } | undefined;
  /** Bytes go out in pieces of so many. */
  pieceBytes: number;
  /** `since` of each log that was asked for. */
  readonly asked: (string | null)[];
  /** How much of the logs went out. */
  readonly sentBytes: number;
  add(name: string, options?: Partial<FakeContainer>): FakeContainer;
  say(container: FakeContainer, ...messages: FakeMessage[]): void;
  /** It ends: its log's readers are done. */
  stop(container: FakeContainer): void;
  /** All streams break off. */
  breakOff(): void;
}

/** The few questions of a container engine's API that we ask, on a socket of its own. */
export async function fakeEngine(): Promise<FakeEngine> {
  const readers = new Set<{ container: FakeContainer; response: ServerResponse; since: bigint }>();
  const socketPath = join(temporaryDir(), 'engine.sock');
  let ids = 0;

  const engine = {
    socketPath,
    containers: new Map<string, FakeContainer>(),
    failing: undefined as FakeEngine['failing'],
    pieceBytes: 65_536,
    asked: [] as (string | null)[],
    sentBytes: 0,
    add(name: string, options: Partial<FakeContainer> = {}) {
      const id = (++ids).toString(16).padStart(64, 'c');
      const container = { id, name, labels: {}, log: [], isRunning: true, hasTerminal: false, ...options };
      engine.containers.set(name, container);
      return container;
    },
    say(container: FakeContainer, ...messages: FakeMessage[]) {
      container.log.push(...messages);
      for (const reader of readers) if (reader.container === container) send(reader, messages);
    },
    stop(container: FakeContainer) {
      container.isRunning = false;
      for (const reader of readers) if (reader.container === container) reader.response.end();
    },
    breakOff() {
      for (const { response } of readers) response.destroy();
    },
  };

  function send(
    reader: { container: FakeContainer; response: ServerResponse; since: bigint },
    messages: FakeMessage[],
  ) {
    const shown = messages.filter(({ timeNs }) => timeNs >= reader.since);
    const bytes = Buffer.concat(shown.map((message) => frame(message, reader.container.hasTerminal)));
    for (let at = 0; at < bytes.length; at += engine.pieceBytes) {
      reader.response.write(bytes.subarray(at, at + engine.pieceBytes));
    }
    engine.sentBytes += bytes.length;
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://engine');
    const [, , name = '', verb] = url.pathname.split('/');
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (engine.failing !== undefined && url.pathname.endsWith(engine.failing.path)) {
      answer(engine.failing.status, { message: 'out of order' });
      return;
    }
    if (name === 'json') {
      answer(
        200,
        [...engine.containers.values()].map(({ id, name, labels, isRunning }) => ({
          Id: id,
          Names: [`/${name}`],
          Labels: labels,
          State: isRunning ? 'running' : 'exited',
        })),
      );
      return;
    }
    const container = [...engine.containers.values()].find((each) => each.name === name || each.id === name);
    if (container === undefined) {
      answer(404, { message: `No such container: ${name}` });
    } else if (verb === 'json') {
      const { id, isRunning, hasTerminal } = container;
      const State = { Running: isRunning, StartedAt: 'start', FinishedAt: `end of ${container.log.length}` };
      answer(200, { Id: id, State, Config: { Tty: hasTerminal } });
    } else {
      const since = url.searchParams.get('since');
      engine.asked.push(since);
      const reader = { container, response, since: sinceNs(since) };
      response.writeHead(200);
      response.flushHeaders();
      send(reader, container.log);
      if (!container.isRunning) response.end();
      readers.add(reader);
      response.once('close', () => readers.delete(reader));
    }
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return engine;
}

function sinceNs(since: string | null): bigint {
  const [seconds = '0', fraction = ''] = (since ?? '0').split('.');
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** `2026-11-23T11:35:06.000000042Z ` */
export function stamp(timeNs: bigint): string {
  const second = new Date(Number(timeNs / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${second}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z `;
}

/** One message as it goes over the socket. */
export function frame({ stream, timeNs, text }: FakeMessage, hasTerminal = false): Buffer {
  const message = Buffer.concat([Buffer.from(stamp(timeNs)), Buffer.from(text)]);
  if (hasTerminal) return message;
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(message.length, 4);
  return Buffer.concat([header, message]);
}

export const START_NS = 1_795_433_706_000_000_000n;

/** A message so many ms after the start. */
export function at(ms: number, text: string | Buffer, stream: 1 | 2 = 1): FakeMessage {
  return { stream, timeNs: START_NS + BigInt(Math.round(ms * 1_000_000)), text };
}

/** A long line as the engine cuts it: pieces of 16 KiB with one timestamp. */
export function long(ms: number, text: string, stream: 1 | 2 = 1): FakeMessage[] {
  const messages: FakeMessage[] = [];
  for (let from = 0; from < text.length; from += 16_384) messages.push(at(ms, text.slice(from, from + 16_384), stream));
  return messages;
}
