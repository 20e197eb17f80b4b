import type { Stats } from 'node:fs';
import type { NativeAddon } from '../../native/addon-types.js';
import { formatPartName, parsePartName } from '../../shard/names.js';
import type { HeldDirectory } from '../permissions/hold-directory.js';

export type EntryKind = 'file' | 'symlink' | 'fifo' | 'socket' | 'directory' | 'device';

/** What stands under a part's name. */
export interface SeenPart {
  readonly name: string;
  /** UTC, `2026-04-24`. */
  readonly day: string;
  readonly n: number;
  readonly kind: EntryKind;
  readonly bytes: number;
  readonly uid: number;
  /** Names that the inode has, wherever they are. */
  readonly links: number;
  readonly inode: string;
  readonly appendOnly: boolean;
}

export interface SeenParts {
  readonly parts: readonly SeenPart[];
  /** Names that are no part's, of inodes that are a part's too. */
  readonly otherNames: readonly { readonly name: string; readonly inode: string }[];
  /** There are so many names that not all were looked at. */
  readonly crowded: boolean;
}

const NAMES_MAX = 20_000;
/** Of one day, each asked for by its name: no crowd of other names hides them. */
const CHAIN_MAX = 2000;

/** All parts' names in a transcripts directory; nothing is opened but regular files. Throws the system's errors. */
export function lookAtParts(
  held: HeldDirectory,
  days: readonly string[],
  addon: Pick<NativeAddon, 'isAppendOnly'>,
): SeenParts {
  const listed = held.names(NAMES_MAX);
  const names = new Set(listed.filter((name) => parsePartName(name)?.sealed === false));
  for (const day of days) {
    for (let n = 0; n < CHAIN_MAX && held.look(formatPartName({ day, n })) !== undefined; n++) {
      names.add(formatPartName({ day, n }));
    }
  }
  const parts = [...names].flatMap((name) => see(held, name, addon) ?? []);
  const linked = new Set(parts.flatMap((part) => (part.kind === 'file' && part.links > 1 ? [part.inode] : [])));
  const otherNames = linked.size === 0 ? [] : listed.filter((name) => !names.has(name));
  return {
    parts,
    otherNames: otherNames.flatMap((name) => {
      const inode = String(held.look(name)?.ino);
      return linked.has(inode) ? [{ name, inode }] : [];
    }),
    crowded: listed.length >= NAMES_MAX,
  };
}

function see(held: HeldDirectory, name: string, addon: Pick<NativeAddon, 'isAppendOnly'>): SeenPart | undefined {
  const parsed = parsePartName(name);
  if (parsed === undefined) return undefined;
  return held.withEntry(name, (entry) => {
    const { size, uid, nlink, ino } = entry.stats;
    const kind = kindOf(entry.stats);
    const appendOnly = kind === 'file' && entry.withFile((fd) => addon.isAppendOnly(fd));
    return { name, day: parsed.day, n: parsed.n, kind, bytes: size, uid, links: nlink, inode: String(ino), appendOnly };
  });
}

function kindOf(stats: Stats): EntryKind {
  if (stats.isFile()) return 'file';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return stats.isDirectory() ? 'directory' : 'device';
}
