import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

export const PART = 'sessions-2026-11-23.jsonl';

/** Epoch seconds at which generated sessions begin. */
export const START_S = 1_795_433_706;

export interface GeneratedSession {
  readonly sid: string;
  readonly header: string;
  /** Data lines. */
  readonly body: readonly string[];
  readonly end: string;
  /** All of it, LF included. */
  readonly text: string;
}

export interface GenerateOptions {
  readonly user?: string;
  readonly srcIp?: string;
  readonly tty?: string | null;
  /** Typed one key at a time, echoed, 100 ms apart, after a prompt. */
  readonly typed?: string;
  readonly startS?: number;
  readonly status?: number;
}

/** A session as the recorder writes it. */
export function generateSession(sid: string, options: GenerateOptions = {}): GeneratedSession {
  const startS = options.startS ?? START_S;
  const login = {
    format: 1,
    t0_ns: startS * 1e9,
    service: 'ssh',
    user: options.user ?? 'root',
    src_ip: options.srcIp ?? '203.0.113.9',
    tty: options.tty === undefined ? 'pts/3' : options.tty,
  };
  const env = { SHELL: '/bin/bash', TERM: 'xterm' };
  const header = line(
    sid,
    `"hdr":${JSON.stringify({ version: 2, width: 80, height: 24, timestamp: startS, env, login })}`,
  );
  const body = [data(sid, 0.05, 'o', 'root@decoy:~# ')];
  let tS = 1;
  let bytesIn = 0;
  for (const key of options.typed ?? 'ls -la\r') {
    tS += 0.1;
    bytesIn += Buffer.byteLength(key);
    body.push(data(sid, tS, 'i', key), data(sid, tS + 0.001, 'o', key === '\r' ? '\r\n' : key));
  }
  const lines = [header, ...body];
  const sha256 = createHash('sha256').update(lines.join('')).digest('hex');
  const status = options.status ?? 0;
  const facts = { reason: 'exit', status, signal: null, bytes_in: bytesIn, bytes_out: 20, undelivered: 0 };
  const end = line(
    sid,
    `"t":${(tS + 1).toFixed(6)},"end":${JSON.stringify({ ...facts, lines: lines.length, sha256 })}`,
  );
  return { sid, header, body, end, text: [...lines, end].join('') };
}

export function data(sid: string, tS: number, ch: string, text: string, more = ''): string {
  return line(sid, `"t":${tS.toFixed(6)},"ch":"${ch}","d":${JSON.stringify(text)}${more}`);
}

function line(sid: string, rest: string): string {
  return `{"sid":"${sid}",${rest}}\n`;
}

/** A sid that is easy to tell from others: `1` -> `11111111-1111-4111-8111-111111111111`. */
export function sidOf(digit: string): string {
  const d = digit;
  return `${d.repeat(8)}-${d.repeat(4)}-4${d.repeat(3)}-8${d.repeat(3)}-${d.repeat(12)}`;
}

/** Appends to a part of a service's shard, and makes it where it is not there. */
export function appendShard(artifactsDir: string, place: string, text: string, part = PART): string {
  const dir = join(artifactsDir, place, 'transcripts');
  mkdirSync(dir, { recursive: true });
  const path = join(dir, part);
  appendFileSync(path, text);
  return path;
}
