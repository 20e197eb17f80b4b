import { stat } from 'node:fs/promises';
import { createBackoff } from '../../../bus/backoff.js';
import { whenAborted } from '../../../std/when-aborted.js';
import type { OpenSourceOptions, ReadLimits, Source, SourceBatch, SourcePlace } from '../source.js';
import { filePosition, isFileOf, openRegular, readFilePosition, type OpenedFile } from './file-identity.js';
import { createFileReader, type FileReader } from './file-reader.js';
import { findRotated } from './find-rotated.js';
import { troubleText } from './trouble-text.js';
import { createFileWatch, type FileWatch } from './watch-file.js';

/** A file that was rotated away is left when it has been silent for so long, and the new one has something. */
const SILENT_MS = 2000;

/** A regular file that grows, through its rotations (docs/collector.md). */
export function openFile(place: SourcePlace, { now, position }: OpenSourceOptions): Source {
  const { at: path, untrusted } = place;
  const backoff = createBackoff(Math.random);
  let reader: FileReader | undefined;
  let watch: FileWatch | undefined;
  /** Where it goes on, while nothing is open. */
  let from = readFilePosition(position);
  let isMore = true;
  let isAtEnd = false;
  let trouble: string | null = null;
  let retryAt = -Infinity;
  let replacedAt: number | undefined;
  let isClosed = false;

  async function take(opened: OpenedFile, isKnown: boolean): Promise<void> {
    const made = await createFileReader(opened, isKnown ? from : undefined, now);
    watch?.close();
    [reader, watch, from] = [made, createFileWatch(path), undefined];
    [isAtEnd, replacedAt, trouble] = [false, undefined, null];
    backoff.reset();
  }

  async function openNow(): Promise<void> {
    const rotated = from === undefined || untrusted ? undefined : await findRotated(path, from);
    if (rotated !== undefined) {
      await take(rotated, true);
      return;
    }
    const opened = await openRegular(path, untrusted);
    try {
      await take(opened, from !== undefined && (await isFileOf(opened, from)));
    } catch (error) {
      await opened.file.close();
      throw error;
    }
  }

  /** The next file under the name, from its beginning. */
  async function leave(): Promise<void> {
    const left = reader;
    reader = undefined;
    isMore = true;
    await left?.close();
  }

  /** At the end of what is open: is it still what the name stands for? True = look again, there may be more. */
  async function look(current: FileReader): Promise<boolean> {
    if (!(await current.isSame())) {
      await leave();
      return true;
    }
    const there = await stat(path).catch(() => undefined);
    if (there === undefined || `${there.dev}:${there.ino}` === current.inode) {
      replacedAt = undefined;
      return false;
    }
    replacedAt ??= now();
    if (now() - replacedAt < SILENT_MS || (there.isFile() && there.size === 0)) return false;
    current.flush();
    return true;
  }

  async function readOnce(limits: ReadLimits): Promise<SourceBatch | undefined> {
    watch?.clear();
    if (reader === undefined) await openNow();
    const current = reader;
    if (current === undefined) return undefined;
    // What was appended since the end was seen belongs to this file only if this is still the file.
    if (isAtEnd && !(await current.isSame())) {
      await leave();
      return undefined;
    }
    const before = current.place;
    const read = await current.read(limits);
    if (read.lines.length > 0) replacedAt = undefined;
    isAtEnd = read.isAtEnd;
    isMore = !isAtEnd;
    let { lines } = read;
    if (isAtEnd && lines.length === 0) {
      isMore = await look(current);
      // What was flushed at its end.
      if (isMore && reader !== undefined) {
        ({ lines } = await current.read(limits));
        await leave();
      }
    }
    if (lines.length === 0 && current.place.offset === before.offset) return undefined;
    return { lines, position: filePosition(current.place), more: isMore };
  }

  return {
    place,
    async read(limits) {
      if (isClosed || (reader === undefined && now() < retryAt)) return undefined;
      try {
        return await readOnce(limits);
      } catch (error) {
        if (!(error instanceof Error) || error instanceof TypeError) throw error;
        trouble = troubleText(path, error);
        retryAt = now() + backoff.nextMs();
        from = reader?.place ?? from;
        await leave().catch(() => undefined);
        isMore = false;
        return undefined;
      }
    },
    async readable(ended) {
      if (isMore || isClosed) return;
      await (watch?.changed(ended) ?? whenAborted(ended));
    },
    state: () => ({ trouble, behindBytes: reader?.behindBytes ?? null }),
    async close() {
      isClosed = true;
      watch?.close();
      await reader?.close();
      reader = undefined;
    },
  };
}
