import type { SourcePosition } from '../../../src/contract/spool-batch.js';
import { formatLogLine } from '../../../src/syslog/format.js';
import type { ReadLimits, Source, SourceOpener, SourcePlace } from '../../../src/workers/collector/source.js';

/** A stream of lines that can be read again from any place, as a file's can. */
export interface FakeStream {
  /** Appends lines, and wakes who waits for them. */
  write(...texts: string[]): void;
  trouble: string | null;
  /** Opened and closed so often; the positions that it was opened at. */
  readonly openedAt: (SourcePosition | undefined)[];
  closed: number;
  /** Lines handed out, over all openings. */
  handedOut: number;
}

export interface FakeSources {
  readonly opener: SourceOpener;
  /** What `/logs/NAME` holds. */
  stream(name: string): FakeStream;
  containers: SourcePlace[] | Error;
}

export const NOW = 1_795_433_706_000;

export function createFakeSources(): FakeSources {
  const streams = new Map<string, ReturnType<typeof createStream>>();
  const streamAt = (at: string) => {
    let stream = streams.get(at);
    if (stream === undefined) streams.set(at, (stream = createStream()));
    return stream;
  };
  const fakes: FakeSources = {
    containers: [],
    stream: (name) => streamAt(`/logs/${name}`),
    opener: {
      open: (place, { position }) => streamAt(place.at).open(place, position),
      containers: () =>
        Array.isArray(fakes.containers) ? Promise.resolve(fakes.containers) : Promise.reject(fakes.containers),
      close: () => Promise.resolve(),
    },
  };
  return fakes;
}

function createStream() {
  const texts: string[] = [];
  const waiting = new Set<() => void>();
  const stream: FakeStream = {
    trouble: null,
    openedAt: [],
    closed: 0,
    handedOut: 0,
    write(...more) {
      texts.push(...more);
      for (const wake of waiting) wake();
    },
  };

  function open(place: SourcePlace, position: SourcePosition | undefined): Source {
    stream.openedAt.push(position);
    let next = Number(position?.['next'] ?? 0);
    return {
      place,
      read({ maxLines, maxBytes }: ReadLimits) {
        const lines = [];
        let bytes = 0;
        while (next < texts.length && lines.length < maxLines && bytes < maxBytes) {
          const text = texts[next] ?? '';
          bytes += text.length + 1;
          lines.push({ text, bytes: text.length + 1, receivedAt: NOW, eventKey: String(next++) });
        }
        stream.handedOut += lines.length;
        if (lines.length === 0) return Promise.resolve(undefined);
        return Promise.resolve({ lines, position: { next }, more: next < texts.length });
      },
      readable(ended) {
        if (next < texts.length || ended.aborted) return Promise.resolve();
        return new Promise((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
          ended.addEventListener('abort', wake, { once: true });
        });
      },
      state: () => ({ trouble: stream.trouble, behindBytes: null }),
      close() {
        stream.closed++;
        return Promise.resolve();
      },
    };
  }

  return Object.assign(stream, { open });
}

/** The setting for `/logs/NAME`. */
export function fileSource(name: string, decky = name) {
  return { decky, kind: 'file' as const, path: `/logs/${name}` };
}

export const SID = '0a1b2c3d-4e5f-4a6b-8c7d-8e9f00112233';

const said = (msgid: string, params: [string, string][]) =>
  formatLogLine({ timeUs: NOW * 1000, host: 'omega', msgid, params }).slice(0, -1);

export function startedLine(sid = SID): string {
  return said('session_started', [
    ['sid', sid],
    ['service', 'ssh'],
    ['src_ip', '203.0.113.9'],
    ['user', 'root'],
    ['tty', 'pts/3'],
    ['shard', 'sessions-2026-11-23.jsonl'],
    ['protected', 'false'],
  ]);
}

export function recordedLine(sid = SID): string {
  return said('session_recorded', [
    ['sid', sid],
    ['service', 'ssh'],
    ['src_ip', '203.0.113.9'],
    ['duration_s', '5.120077'],
    ['bytes', '6214'],
    ['truncated', 'false'],
    ['user', 'root'],
    ['reason', 'exit'],
    ['status', '0'],
    ['signal', '-'],
    ['bytes_in', '40'],
    ['bytes_out', '1822'],
    ['lines', '57'],
    ['sha256', '80e5'.repeat(16)],
    ['shard', 'sessions-2026-11-23.jsonl'],
  ]);
}

export const noise = (n: number | string) => `<134>1 - omega cron - - - noise ${String(n)}`;
