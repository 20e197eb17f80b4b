/**
 * The arrows of the C side: shell -> core <- addon, and a core that never prints, exits or installs handlers.
 *
 *     tsx scripts/c-arrows.ts
 *
 * Includes are read; what the core calls is asked of `nm`, over each core file compiled by itself.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';

/** What each folder of native/ may include by name, beside system headers. */
const MAY_INCLUDE: Readonly<Record<string, readonly string[]>> = {
  core: ['core'],
  shell: ['shell', 'core'],
  addon: ['addon', 'core'],
};

/** Symbols that a library has no business with, and whose business it is. */
const FORBIDDEN: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'prints; only a program does':
      'printf vprintf fprintf vfprintf dprintf vdprintf puts fputs putchar fputc putc fwrite perror stdout stderr psignal ' +
      'err errx verr verrx warn warnx vwarn vwarnx error syslog vsyslog openlog',
    'ends the process; only a program does': 'exit _exit _Exit quick_exit abort atexit on_exit __assert_fail raise',
    'installs a handler; only a program does':
      'sigaction signal __sysv_signal bsd_signal sysv_signal ssignal sigset sigvec siginterrupt sigaltstack',
    'runs a shell': 'system popen wordexp',
    'asks name services, which a static binary cannot':
      'getpwnam getpwuid getpwnam_r getpwuid_r getgrnam getgrgid getgrnam_r getgrgid_r initgroups getlogin getlogin_r ' +
      'getaddrinfo getnameinfo gethostbyname gethostbyaddr gethostbyname_r getservbyname',
    'depends on the locale or the time zone': 'setlocale localtime localtime_r mktime strftime ctime ctime_r tzset',
    'has no bound': 'strcpy strcat sprintf vsprintf gets alloca',
  }).flatMap(([why, names]) => names.split(' ').map((name): [string, string] => [name, why])),
);

/** What one file may do all the same, and why. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  // The child between fork and exec: `_exit` is the only way out of it that runs none of the parent's code.
  'pty.c': ['_exit'],
};

function sourcesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => /\.(c|cc|h|hh)$/.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** Includes that cross an arrow, one line each: `native/core/x.c includes shell/y.h`. */
export function checkIncludes(native: string): string[] {
  const wrong: string[] = [];
  for (const [room, allowed] of Object.entries(MAY_INCLUDE)) {
    for (const path of sourcesIn(join(native, room))) {
      for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(/^\s*#\s*include\s+"([^"]+)"/gm)) {
        // As the compiler looks: beside the file, then along the include path, on which only core and native/ are.
        const places = [dirname(path), join(native, 'core'), native].map((directory) => join(directory, name));
        const found = places.find((place) => existsSync(place));
        const target = found === undefined ? null : basename(dirname(found));
        if (target === null || !allowed.includes(target)) wrong.push(`${relative('.', path)} includes ${name}`);
      }
    }
  }
  return wrong;
}

/** Symbols that a core must not need, one line each: `core/x.c calls printf: prints; only a program does`. */
export function checkSymbols(core: string): string[] {
  const objects = mkdtempSync(join(tmpdir(), 'decnet-arrows-'));
  try {
    return sourcesIn(core)
      .filter((path) => path.endsWith('.c'))
      .flatMap((path) => {
        const object = join(objects, `${basename(path)}.o`);
        execFileSync('cc', [
          '-std=c11',
          '-D_GNU_SOURCE',
          '-O1',
          '-fno-builtin',
          '-w',
          '-I',
          core,
          '-c',
          path,
          '-o',
          object,
        ]);
        const undefinedNames =
          execFileSync('nm', ['-u', object], { encoding: 'utf8' }).match(/[A-Za-z_][\w]*$/gm) ?? [];
        const allowed = ALLOWED[basename(path)] ?? [];
        return undefinedNames
          .filter((name) => FORBIDDEN.has(name) && !allowed.includes(name))
          .map((name) => `${basename(core)}/${basename(path)} calls ${name}: ${FORBIDDEN.get(name) ?? ''}`);
      });
  } finally {
    rmSync(objects, { recursive: true, force: true });
  }
}

function main(): void {
  const wrong = [...checkIncludes('native'), ...checkSymbols(join('native', 'core'))];
  for (const line of wrong) console.error(`decnet: ${line}`);
  console.log(wrong.length === 0 ? '✔ no C arrow is crossed' : `✘ ${wrong.length} C arrows are crossed`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

if (import.meta.filename === process.argv[1]) main();
