import { closeSync, constants, fstatSync, lstatSync, openSync, opendirSync, type Stats } from 'node:fs';

/** Linux: a descriptor that stands for a name without opening what is there (no device wakes, no FIFO waits). */
const O_PATH = 0o10000000;
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants;

/**
 * A directory by its descriptor. Whoever may write in it can put anything under any name at any time, so nothing in it is ever
 * touched by a path that they could bend: one name below the descriptor, and no link is followed.
 */
export interface HeldDirectory {
  /** For people. */
  readonly path: string;
  readonly fd: number;
  /** Of one name in here, for one call that follows no link. */
  at(name: string): string;
  stats(): Stats;
  /** At most so many names, in no order. */
  names(limit: number): string[];
  /** What is there itself; undefined where nothing is. */
  look(name: string): Stats | undefined;
  /** Stands for what is there while `use` runs; undefined where nothing is. */
  withEntry<T>(name: string, use: (entry: HeldEntry) => T): T | undefined;
  /** A directory in here; undefined where there is none, or something else. To be closed. */
  directory(name: string): HeldDirectory | undefined;
  close(): void;
}

export interface HeldEntry {
  readonly stats: Stats;
  /** The very thing that was looked at, for calls that follow a path: chown, chmod. */
  readonly self: string;
  /** Opens it, which must be a regular file, for reading, while `use` runs. */
  withFile<T>(use: (fd: number) => T): T;
}

/** Holds the directory at `path`, whose last name may be no link. Throws the system's errors. To be closed. */
export function holdDirectory(path: string): HeldDirectory {
  return held(path, openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
}

function held(path: string, fd: number): HeldDirectory {
  const at = (name: string): string => {
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name)) throw new TypeError(`no name: ${name}`);
    return `/proc/self/fd/${fd}/${name}`;
  };
  return {
    path,
    fd,
    at,
    stats: () => fstatSync(fd),
    names(limit) {
      const names: string[] = [];
      const directory = opendirSync(`/proc/self/fd/${fd}`);
      try {
        for (let entry = directory.readSync(); entry !== null && names.length < limit; entry = directory.readSync()) {
          names.push(entry.name);
        }
      } finally {
        directory.closeSync();
      }
      return names;
    },
    look: (name) => lstatSync(at(name), { throwIfNoEntry: false }),
    withEntry: (name, use) => withEntry(at(name), use),
    directory(name) {
      const opened = unlessGone(() => openSync(at(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), ['ENOTDIR', 'ELOOP']);
      return opened === undefined ? undefined : held(`${path}/${name}`, opened);
    },
    close: () => closeSync(fd),
  };
}

function withEntry<T>(path: string, use: (entry: HeldEntry) => T): T | undefined {
  const fd = unlessGone(() => openSync(path, O_PATH | O_NOFOLLOW));
  if (fd === undefined) return undefined;
  try {
    const self = `/proc/self/fd/${fd}`;
    return use({
      stats: fstatSync(fd),
      self,
      withFile(act) {
        // Through the descriptor: it is this inode that is opened, whatever stands under the name by now.
        const file = openSync(self, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        try {
          return act(file);
        } finally {
          closeSync(file);
        }
      },
    });
  } finally {
    closeSync(fd);
  }
}

/** What `act` gives; undefined where the name is not there (any more), or fails in one of these ways. */
function unlessGone<T>(act: () => T, codes: readonly string[] = []): T | undefined {
  try {
    return act();
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || codes.includes(code)) return undefined;
    throw error;
  }
}
