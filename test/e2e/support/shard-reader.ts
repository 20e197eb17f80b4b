import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A second reader of shards, for proofs only: stricter than src/shard (which forgives whatever it meets) and sharing
 * nothing with it, so that a mistake in one shows against the other.
 */
export interface Recording {
  readonly sid: string;
  /** Parsed lines of this sid in order, the end line included. */
  readonly lines: readonly ShardLine[];
  /** Exact bytes of a stream: `o`, `i`, `e`, `c`. */
  bytes(ch: string): Buffer;
  readonly header: Record<string, unknown> | undefined;
  readonly end: EndLine | undefined;
  /** Part names with lines of this sid, in order. */
  readonly parts: readonly string[];
  /** SHA-256 over the raw lines before the end line, and how many they were. */
  readonly sha256: string;
  readonly counted: number;
}

export interface ShardLine extends Record<string, unknown> {
  readonly sid: string;
  readonly t?: number;
  readonly ch?: string;
  readonly d?: string;
  readonly b?: string;
  readonly noecho?: boolean;
  readonly trunc?: boolean;
  readonly why?: string;
  readonly cont?: { readonly n: number; readonly prev: string };
}

export interface EndLine {
  readonly reason: string;
  readonly status: number | null;
  readonly signal: string | null;
  readonly bytes_in: number;
  readonly bytes_out: number;
  readonly undelivered: number;
  readonly lines: number;
  readonly sha256: string;
}

export interface Shards {
  readonly recordings: ReadonlyMap<string, Recording>;
  /** What is no whole line of a session: torn, foreign or too long. Empty lines are not counted. */
  readonly strays: readonly string[];
}

const LINE_MAX = 4096;
const PART = /^sessions-\d{4}-\d\d-\d\d(?:\.(\d+))?\.jsonl$/;

export function partNames(dir: string): string[] {
  const key = (name: string): [string, number] => [name.slice(0, 19), Number(PART.exec(name)?.[1] ?? 0)];
  return readdirSync(dir)
    .filter((name) => PART.test(name))
    .sort((a, b) => key(a)[0].localeCompare(key(b)[0]) || key(a)[1] - key(b)[1]);
}

/** Every session of the parts in `dir` that are regular files. */
export function readShards(dir: string): Shards {
  const found = new Map<string, { raw: Buffer[]; lines: ShardLine[]; parts: string[] }>();
  const strays: string[] = [];
  const regular = new Set(readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isFile() ? [e.name] : [])));
  for (const name of partNames(dir).filter((part) => regular.has(part))) {
    for (const raw of splitLines(readFileSync(join(dir, name)))) {
      const line = parseLine(raw);
      if (line === undefined) {
        if (raw.length > 1) strays.push(raw.toString('latin1'));
        continue;
      }
      let one = found.get(line.sid);
      if (one === undefined) found.set(line.sid, (one = { raw: [], lines: [], parts: [] }));
      one.raw.push(raw);
      one.lines.push(line);
      if (one.parts.at(-1) !== name) one.parts.push(name);
    }
  }
  return {
    strays,
    recordings: new Map([...found].map(([sid, { raw, lines, parts }]) => [sid, toRecording(sid, raw, lines, parts)])),
  };
}

/** Lines with their LF; what follows the last LF comes as it is. */
function* splitLines(file: Buffer): Generator<Buffer> {
  for (let from = 0; from < file.length;) {
    const at = file.indexOf(10, from);
    const to = at < 0 ? file.length : at + 1;
    yield file.subarray(from, to);
    from = to;
  }
}

function parseLine(raw: Buffer): ShardLine | undefined {
  if (raw.at(-1) !== 10 || raw.length > LINE_MAX || !raw.toString('latin1').startsWith('{"sid":"')) return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    return JSON.parse(text) as ShardLine;
  } catch {
    return undefined;
  }
}

function lineBytes(line: ShardLine): Buffer {
  return line.b === undefined ? Buffer.from(line.d ?? '', 'utf8') : Buffer.from(line.b, 'base64');
}

function toRecording(sid: string, raw: readonly Buffer[], lines: readonly ShardLine[], parts: string[]): Recording {
  const endAt = lines.findIndex((line) => 'end' in line);
  const counted = endAt < 0 ? lines.length : endAt;
  const digest = createHash('sha256');
  for (const bytes of raw.slice(0, counted)) digest.update(bytes);
  return {
    sid,
    lines,
    parts,
    counted,
    sha256: digest.digest('hex'),
    header: lines[0]?.['hdr'] as Record<string, unknown> | undefined,
    end: endAt < 0 ? undefined : (lines[endAt]?.['end'] as EndLine),
    bytes: (ch) => Buffer.concat(lines.filter((line) => line.ch === ch && line.trunc !== true).map(lineBytes)),
  };
}
