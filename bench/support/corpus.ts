import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type CorpusName = 'plain' | 'rich';

export interface Corpus {
  readonly name: CorpusName;
  readonly title: string;
  /** What a shell prints. */
  readonly source: string;
  /** The same as it comes out of a terminal, each LF as CR LF. */
  readonly expected: string;
}

/** The same numbers on every machine (a linear congruential generator; quality does not matter here). */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const PLAIN = 'total drwxr-xr-x root 4096 Nov 23 log auth.log syslog the of and to in is that for it as was on'.split(
  ' ',
);
const RICH =
  'файл каталог ошибка 日本語 端末 記録 größe naïve │ ├── └── ═══ █▓▒░ ✔ ✘ 🙂 🚀 "quoted" C:\\dir tab\there'.split(' ');
const COLOURS = [
  '\x1b[0m',
  '\x1b[1;32m',
  '\x1b[01;34m',
  '\x1b[38;5;208m',
  '\x1b[7m',
  '\x1b[K',
  '\x1b[12;40H',
  '\x1b[2J\x1b[H',
];

function plainLine(dice: (sides: number) => number): string {
  return Array.from({ length: 3 + dice(14) }, () => PLAIN[dice(PLAIN.length)]).join(' ');
}

/** A coloured listing or a full-screen program: an escape sequence or two around every word, most words not ASCII. */
function richLine(dice: (sides: number) => number): string {
  const word = (): string => `${COLOURS[dice(COLOURS.length)] ?? ''}${RICH[dice(RICH.length)] ?? ''}\x1b[m`;
  return Array.from({ length: 2 + dice(8) }, word).join(' ');
}

/** Writes a text of `bytes` (as a terminal shows it) and its expected form into `folder`. */
export function writeCorpus(folder: string, name: CorpusName, bytes: number): Corpus {
  const dice = createDice(7);
  const line = name === 'plain' ? plainLine : richLine;
  // A mebibyte of lines, over and over: no program here looks for repetition.
  let block = '';
  while (block.length < 1 << 20) block += `${line(dice)}\n`;
  const times = Math.ceil(bytes / Buffer.byteLength(block.replaceAll('\n', '\r\n')));
  const [source, expected] = [join(folder, `${name}.txt`), join(folder, `${name}.crlf`)];
  writeFileSync(source, block.repeat(times));
  writeFileSync(expected, block.replaceAll('\n', '\r\n').repeat(times));
  return { name, source, expected, title: name === 'plain' ? 'plain text' : 'UTF-8 and escapes' };
}
