import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A program and its words, as a login has them. */
export type Words = readonly string[];

export interface Flood {
  readonly bytes: number;
  /** What the client got is the expected file, byte for byte. */
  readonly same: boolean;
  /** CPU of the login's own process: neither its shell nor its client. */
  readonly cpu_ns: number;
  readonly wall_ns: number;
  readonly status: number;
}

export interface LoadResult {
  readonly typed: number;
  readonly received: number;
  /** From when all were there to when they were told to end; CPU of the logins' own processes. */
  readonly wall_ns: number;
  readonly cpu_ns: number;
}

export interface Load {
  /** Of the logins' own processes. */
  readonly pids: readonly number[];
  /** Ends them all. */
  end(): Promise<LoadResult>;
}

export interface Client {
  flood(expected: string, program: Words): Promise<Flood>;
  /** Nanoseconds from each key to its echo, per program. */
  echo(keys: number, gapUs: number, programs: readonly Words[]): Promise<readonly number[][]>;
  /** Nanoseconds from each start to the shell's first byte, per program. */
  start(times: number, programs: readonly Words[]): Promise<readonly number[][]>;
  load(logins: number, keysPerS: number, program: Words): Promise<Load>;
}

const ENV = { PATH: '/usr/bin:/bin', TERM: 'xterm-256color', HOME: '/', LANG: 'C.UTF-8' };

/** The C client (native/bench/client.c): a Node event loop is too coarse for microseconds. */
export function createClient(path: string): Client {
  function launch(mode: string, numbers: readonly (string | number)[], programs: readonly Words[]) {
    const words = [mode, ...numbers.map(String), ...programs.flatMap((program) => ['--', ...program])];
    const child = spawn(path, words, { env: ENV, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const exited = once(child, 'exit');
    async function answer(): Promise<unknown> {
      const { value } = (await lines.next()) as { value?: string };
      if (value !== undefined) return JSON.parse(value);
      const [status] = (await exited) as [number | null];
      throw new Error(`the bench's client gave up: ${words.join(' ')} (status ${status ?? 'of a signal'})`);
    }
    return { child, exited, answer };
  }
  async function ask(
    mode: string,
    numbers: readonly (string | number)[],
    programs: readonly Words[],
  ): Promise<unknown> {
    const { answer, exited } = launch(mode, numbers, programs);
    const value = await answer();
    await exited;
    return value;
  }
  return {
    flood: async (expected, program) => (await ask('flood', [expected], [program])) as Flood,
    echo: async (keys, gapUs, programs) => ((await ask('echo', [keys, gapUs], programs)) as { ns: number[][] }).ns,
    start: async (times, programs) => ((await ask('start', [times], programs)) as { ns: number[][] }).ns,
    async load(logins, keysPerS, program) {
      const { child, exited, answer } = launch('load', [logins, keysPerS], [program]);
      const { pids } = (await answer()) as { pids: number[] };
      return {
        pids,
        async end() {
          child.stdin.end();
          const counts = (await answer()) as LoadResult;
          await exited;
          return counts;
        },
      };
    },
  };
}
