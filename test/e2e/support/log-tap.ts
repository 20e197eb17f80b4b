import { loadAddon } from '../../../src/native/load-addon.js';
import { createTerminalStream } from '../../../src/native/terminal-stream.js';

/** One of the recorder's log lines, taken apart by a reader of its own: not by the code that it tests. */
export interface LogLine {
  readonly text: string;
  readonly pri: number;
  readonly time: string;
  readonly host: string;
  readonly app: string;
  readonly msgid: string;
  readonly params: Readonly<Record<string, string>>;
}

const LINE = /^<(\d+)>1 (\S+) (\S+) (\S+) \S+ (\S+) \[relay@55555((?: [a-z0-9_]+="(?:[^"\\\]]|\\["\\\]])*")*)\]$/u;

/** A line of RFC 5424 as the recorder writes them; undefined for any other. */
export function readLogLine(text: string): LogLine | undefined {
  const match = LINE.exec(text);
  if (match === null) return undefined;
  const [, pri = '', time = '', host = '', app = '', msgid = '', list = ''] = match;
  const params: Record<string, string> = {};
  for (const [, key = '', value = ''] of list.matchAll(/ ([a-z0-9_]+)="((?:[^"\\\]]|\\["\\\]])*)"/gu))
    params[key] = value.replace(/\\(["\\\]])/g, '$1');
  return { text, pri: Number(pri), time, host, app, msgid, params };
}

export interface LogTap {
  /** To become somebody's stdout: a real pipe, as a container engine gives. To be closed with `release` once they have it. */
  readonly fd: number;
  release(): void;
  /** Every line so far that is one of ours. */
  lines(): LogLine[];
  /** Whole lines so far that are none of ours. */
  strangers(): string[];
  /** The first line (also of those already here; `n` counts them from 0) that fits. Rejects after `timeoutMs` (5 s), showing all lines. */
  waitFor(
    msgid: string,
    fits?: (params: LogLine['params'], n: number) => boolean,
    timeoutMs?: number,
  ): Promise<LogLine>;
  /** A whole line that is none of ours and is just this. */
  waitForStranger(text: string, timeoutMs?: number): Promise<void>;
  /** A reader that stopped: the pipe fills. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** The reading end of somebody's stdout. */
export function createLogTap(): LogTap {
  const addon = loadAddon();
  const pipe = addon.openPipe();
  const known: LogLine[] = [];
  const strangers: string[] = [];
  const waiters = new Set<() => void>();
  let rest = Buffer.alloc(0);
  let released = false;

  const stream = createTerminalStream({
    addon,
    fd: pipe.read,
    reads: true,
    onBytes(bytes) {
      rest = Buffer.concat([rest, bytes]);
      for (let lf = rest.indexOf(10); lf >= 0; lf = rest.indexOf(10)) {
        const text = rest.toString('utf8', 0, lf);
        rest = rest.subarray(lf + 1);
        const line = readLogLine(text);
        if (line === undefined) strangers.push(text);
        else known.push(line);
      }
      for (const look of waiters) look();
    },
  });

  function release(): void {
    if (!released) addon.closeFd(pipe.write);
    released = true;
  }

  function until<T>(find: () => T | undefined, what: string, timeoutMs: number): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        waiters.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiters.delete(look);
        const seen = [...known.map((line) => line.text), ...strangers].join('\n');
        reject(new Error(`no ${what} line in ${timeoutMs} ms; the log is\n${seen}`));
      }, timeoutMs);
      waiters.add(look);
      look();
    });
  }

  return {
    fd: pipe.write,
    release,
    lines: () => [...known],
    strangers: () => [...strangers],
    pause: () => stream.pause(),
    resume: () => stream.resume(),
    waitFor: (msgid, fits = () => true, timeoutMs = 5000) =>
      until(() => known.find((line, n) => line.msgid === msgid && fits(line.params, n)), msgid, timeoutMs),
    waitForStranger: async (text, timeoutMs = 5000) => {
      await until(() => strangers.find((line) => line === text), text, timeoutMs);
    },
    close() {
      release();
      stream.close();
    },
  };
}
