import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Recorded {
  /** Of all shard parts. */
  readonly fileBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** Of the output, in the order recorded. */
  readonly outputSha256: string;
  /** Lines that say something is missing, or are no lines. */
  readonly faults: number;
}

interface Line {
  readonly ch?: string;
  readonly d?: string;
  readonly b?: string;
  readonly trunc?: boolean;
}

/** What the shards in a directory hold, read here by hand: the bench does not ask the code that it measures. */
export async function readRecorded(transcripts: string): Promise<Recorded> {
  const sha256 = createHash('sha256');
  const bytes = { i: 0, o: 0 };
  let [fileBytes, faults] = [0, 0];
  for (const name of readdirSync(transcripts)) {
    const path = join(transcripts, name);
    fileBytes += statSync(path).size;
    for await (const text of lines(path)) {
      const line = JSON.parse(text) as Line;
      if (line.trunc) faults++;
      if (line.ch !== 'i' && line.ch !== 'o') continue;
      const data = line.b === undefined ? Buffer.from(line.d ?? '') : Buffer.from(line.b, 'base64');
      bytes[line.ch] += data.length;
      if (line.ch === 'o') sha256.update(data);
    }
  }
  return { fileBytes, faults, inputBytes: bytes.i, outputBytes: bytes.o, outputSha256: sha256.digest('hex') };
}

async function* lines(path: string): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    const all = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let lf = all.indexOf(10); lf >= 0; lf = all.indexOf(10, from)) {
      yield all.toString('utf8', from, lf);
      from = lf + 1;
    }
    rest = all.subarray(from);
  }
  if (rest.length > 0) throw new Error(`${path} ends in the middle of a line`);
}

export async function sha256OfFile(path: string): Promise<string> {
  const sha256 = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>)
    sha256.update(chunk);
  return sha256.digest('hex');
}
