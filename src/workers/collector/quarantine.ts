import { appendFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DecnetError } from '../../errors.js';
import { makeDirs } from '../../std/make-dirs.js';
import { escapeCell } from '../../transcript/escape-cell.js';

/** What was no log line. */
export interface JunkLine {
  readonly decky: string;
  readonly source: string;
  /** Epoch ms. */
  readonly receivedAt: number;
  readonly text: string;
}

export interface QuarantineOptions {
  /** `{spool_dir}/quarantine`, made where missing, 0700. */
  readonly dir: string;
  /** Of a decky's file; as much again is kept of what came before. Default 1 MiB. */
  readonly maxBytes?: number;
}

export interface Quarantine {
  /** Appends a line for each, as far as there is room; not synced: what is lost here was junk, and is counted elsewhere. Rejects with E_SPOOL. */
  keep(junk: readonly JunkLine[]): Promise<void>;
}

const TEXT_MAX = 2048;

/** Where a person can look at what a decky sends that nobody understands: `{decky}.log`, and `{decky}.log.1` from before. */
export function createQuarantine({ dir, maxBytes = 1024 * 1024 }: QuarantineOptions): Quarantine {
  const sizes = new Map<string, number>();

  async function sizeOf(path: string): Promise<number> {
    return sizes.get(path) ?? (await stat(path).catch(() => undefined))?.size ?? 0;
  }

  async function append(decky: string, lines: readonly string[]): Promise<void> {
    const path = join(dir, `${decky}.log`);
    let size = await sizeOf(path);
    let text = '';
    const flush = async () => {
      if (text !== '') await appendFile(path, text, { mode: 0o600 });
      text = '';
    };
    for (const line of lines) {
      const bytes = Buffer.byteLength(line);
      if (size > 0 && size + bytes > maxBytes) {
        await flush();
        await rename(path, `${path}.1`);
        size = 0;
      }
      text += line;
      size += bytes;
    }
    await flush();
    sizes.set(path, size);
  }

  return {
    async keep(junk) {
      if (junk.length === 0) return;
      const byDecky = new Map<string, string[]>();
      for (const line of junk) {
        const lines = byDecky.get(line.decky) ?? [];
        lines.push(describe(line));
        byDecky.set(line.decky, lines);
      }
      try {
        makeDirs(dir, 0o700);
        for (const [decky, lines] of byDecky) await append(decky, lines);
      } catch (cause) {
        // Whatever was written meanwhile is measured again.
        sizes.clear();
        throw new DecnetError('E_SPOOL', `cannot write to ${dir}: ${(cause as Error).message}`, { cause });
      }
    },
  };
}

/** On one line, and nothing in it that a terminal acts on. */
function describe({ receivedAt, source, text }: JunkLine): string {
  const shown = text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text;
  return `${new Date(receivedAt).toISOString()} ${escapeCell(source)} ${escapeCell(shown)}\n`;
}
