import { StringDecoder } from 'node:string_decoder';
import { DecnetError } from '../errors.js';

interface Waiter {
  readonly pattern: string | RegExp;
  readonly resolve: (found: { before: string; match: string }) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const TAIL_CHARACTERS = 400;

/**
 * Everything one stream of a terminal gave so far, and those who wait for something in it. Bytes are kept as they came;
 * patterns are matched on their text (UTF-8, a character never cut by a read).
 */
export class TerminalOutput {
  #chunks: Buffer[] = [];
  readonly #decoder = new StringDecoder('utf8');
  /** Received text after the cursor: what no waitFor has taken yet. */
  #rest = '';
  /** The end of what lies before the cursor, for the tail in errors. */
  #past = '';
  #ended = false;
  readonly #waiters: Waiter[] = [];

  push(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#rest += this.#decoder.write(bytes);
    this.#serve();
  }

  /** Nothing more comes: who still waits is told so. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#rest += this.#decoder.end();
    this.#serve();
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(this.#failure(waiter.pattern, 'the output ended'));
    }
  }

  bytes(): Buffer {
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return Buffer.from(all);
  }

  /** Waiters are served in the order they asked. */
  waitFor(pattern: string | RegExp, timeoutMs: number): Promise<{ before: string; match: string }> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        reject(this.#failure(pattern, `not within ${String(timeoutMs)} ms`));
        this.#serve();
      }, timeoutMs);
      const waiter: Waiter = { pattern, resolve, reject, timer };
      this.#waiters.push(waiter);
      this.#serve();
      if (this.#ended && this.#waiters.includes(waiter)) {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        clearTimeout(timer);
        reject(this.#failure(pattern, 'the output has ended'));
      }
    });
  }

  #serve(): void {
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const found = locate(this.#rest, waiter.pattern);
      if (found === undefined) return;
      this.#waiters.shift();
      clearTimeout(waiter.timer);
      const end = found.index + found.match.length;
      const before = this.#rest.slice(0, found.index);
      this.#past = (this.#past + this.#rest.slice(0, end)).slice(-TAIL_CHARACTERS);
      this.#rest = this.#rest.slice(end);
      waiter.resolve({ before, match: found.match });
    }
  }

  #failure(pattern: string | RegExp, why: string): DecnetError {
    const wanted = typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern);
    const tail = (this.#past + this.#rest).slice(-TAIL_CHARACTERS);
    return new DecnetError('E_TERMINAL', `${wanted} was not seen (${why}); the last that was seen: ${JSON.stringify(tail)}`);
  }
}

function locate(text: string, pattern: string | RegExp): { index: number; match: string } | undefined {
  if (typeof pattern === 'string') {
    const index = text.indexOf(pattern);
    return index < 0 ? undefined : { index, match: pattern };
  }
  // A sticky or global pattern carries a position of its own, which is not ours.
  const found = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, '')).exec(text);
  return found === null ? undefined : { index: found.index, match: found[0] };
}
