import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/*
 * A recorder's writer as docs/shard-format.md describes it, for tests: written from the page, sharing no code with the readers.
 */

const LINE_MAX = 4095;

export interface Written {
  readonly lines: readonly Buffer[];
  bytes(): Buffer;
}

export interface ShardWriter extends Written {
  header(extra?: object): void;
  data(t: number, ch: 'i' | 'o' | 'e' | 'c', bytes: Uint8Array | string, noecho?: boolean): void;
  /** Any other line: what stands after the id. */
  line(rest: string): void;
  /** A line that the digest does not cover. */
  foreign(text: string): void;
  cont(t: number, n: number, prev: string): void;
  end(t: number, reason?: string): void;
}

export const SID_A = '0a1b2c3d-4e5f-4a6b-8c7d-8e9f00112233';
export const SID_B = 'b0b1b2b3-c4c5-4d6d-9e7e-f8f90a0b0c0d';

export function createShardWriter(sid: string): ShardWriter {
  const lines: Buffer[] = [];
  const hash = createHash('sha256');
  const carry = new Map<string, Buffer>();
  let counted = 0;

  function put(text: string, digested = true): void {
    const line = Buffer.from(`${text}\n`);
    lines.push(line);
    if (!digested) return;
    hash.update(line);
    counted++;
  }

  function pieces(t: number, ch: string, bytes: Buffer, noecho: boolean): void {
    for (let at = 0; at < bytes.length;) {
      const { text, used } = dataLine(sid, t, ch, bytes.subarray(at), noecho);
      put(text);
      at += used;
    }
  }

  return {
    lines,
    bytes: () => Buffer.concat(lines),
    header(extra = {}) {
      const login = {
        format: 1,
        t0_ns: 1795433706000000000,
        service: 'ssh',
        user: 'root',
        src_ip: '203.0.113.9',
        tty: 'pts/3',
      };
      const env = { SHELL: '/bin/bash', TERM: 'xterm' };
      const hdr = { version: 2, width: 80, height: 24, timestamp: 1795433706, env, login: { ...login, ...extra } };
      put(JSON.stringify({ sid, hdr }));
    },
    data(t, ch, data, noecho = false) {
      const all = Buffer.concat([carry.get(ch) ?? Buffer.alloc(0), Buffer.from(data as Uint8Array)]);
      const whole = all.length - incompleteTail(all);
      carry.set(ch, all.subarray(whole));
      pieces(t, ch, all.subarray(0, whole), noecho);
    },
    line(rest) {
      put(`{"sid":"${sid}"${rest}`);
    },
    foreign(text) {
      put(text, false);
    },
    cont(t, n, prev) {
      put(`{"sid":"${sid}","t":${t.toFixed(6)},"cont":{"n":${String(n)},"prev":"${prev}"}}`);
    },
    end(t, reason = 'exit') {
      for (const [ch, bytes] of carry) pieces(t, ch, bytes, false);
      carry.clear();
      const end = {
        reason,
        status: 0,
        signal: null,
        bytes_in: 0,
        bytes_out: 0,
        undelivered: 0,
        lines: counted,
        sha256: hash.copy().digest('hex'),
      };
      put(`{"sid":"${sid}","t":${t.toFixed(6)},"end":${JSON.stringify(end)}}`, false);
    },
  };
}

/** The longest line (LF included) of whole characters from the start of `bytes` that keeps the limit. */
function dataLine(sid: string, t: number, ch: string, bytes: Buffer, noecho: boolean): { text: string; used: number } {
  const head = `{"sid":"${sid}","t":${t.toFixed(6)},"ch":"${ch}","d":"`;
  const tail = noecho ? ',"noecho":true}' : '}';
  let d = '';
  let dBytes = 0;
  let used = 0;
  let invalid = false;
  while (used < bytes.length) {
    const length = characterLength(bytes, used);
    const size = Math.abs(length);
    const piece = length > 0 ? escaped(bytes.toString('utf8', used, used + size)) : '\ufffd';
    const nowInvalid: boolean = invalid || length < 0;
    const b = nowInvalid ? 7 + 4 * Math.ceil((used + size) / 3) : 0;
    if (head.length + dBytes + Buffer.byteLength(piece) + 1 + b + tail.length + 1 > LINE_MAX) break;
    d += piece;
    dBytes += Buffer.byteLength(piece);
    used += size;
    invalid = nowInvalid;
  }
  const b = invalid ? `,"b":"${bytes.toString('base64', 0, used)}"` : '';
  return { text: `${head}${d}"${b}${tail}`, used };
}

const SHORT: Record<string, string> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '"': '\\"',
  '\\': '\\\\',
};

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return SHORT[character] ?? (code < 0x20 ? `\\u${code.toString(16).padStart(4, '0')}` : character);
}

/** Length of the character at `at`, or minus the length of the ill-formed subpart there. */
function characterLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const [size, low, high] = shape(lead);
  if (size === 0) return -1;
  for (let i = 1; i < size; i++) {
    const byte = bytes[at + i];
    if (byte === undefined || byte < (i === 1 ? low : 0x80) || byte > (i === 1 ? high : 0xbf)) return -i;
  }
  return size;
}

function shape(lead: number): [size: number, low: number, high: number] {
  if (lead >= 0xc2 && lead <= 0xdf) return [2, 0x80, 0xbf];
  if (lead >= 0xe0 && lead <= 0xef) return [3, lead === 0xe0 ? 0xa0 : 0x80, lead === 0xed ? 0x9f : 0xbf];
  if (lead >= 0xf0 && lead <= 0xf4) return [4, lead === 0xf0 ? 0x90 : 0x80, lead === 0xf4 ? 0x8f : 0xbf];
  return [0, 0, 0];
}

function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const at = bytes.length - back;
    if ((bytes[at] ?? 0) >= 0xc0)
      return characterLength(bytes, at) === -back && shape(bytes[at] ?? 0)[0] > back ? back : 0;
  }
  return 0;
}
