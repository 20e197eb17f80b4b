import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type CorpusName = 'plain' | 'rich' | 'dense';

export interface Corpus {
  readonly name: CorpusName;
  readonly title: string;
  /** What a shell prints. */
  readonly source: string;
  /** The same as it comes out of a terminal, each LF as CR LF. */
  readonly expected: string;
}

/** The same numbers on every machine (a linear congruential generator; quality does not matter here). */
function createDice(seed: number): Dice {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const PLAIN = 'total drwxr-xr-x root 4096 Nov 23 log auth.log syslog the of and to in is that for it as was on'.split(
  ' ',
);
const WORDS =
  'файл каталог ошибка 日本語 端末 記録 größe naïve │ ├── └── ═══ █▓▒░ ✔ ✘ 🙂 🚀 "quoted" C:\\dir tab\there'.split(' ');
const PROSE = 'в каждом журнале есть строка 記録 された セッション は すべて 端末 に 保存 über größere Flüsse'.split(
  ' ',
);
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

type Dice = (sides: number) => number;

const pick = (list: readonly string[], dice: Dice): string => list[dice(list.length)] ?? '';
const words = (list: readonly string[], count: number, dice: Dice): string =>
  Array.from({ length: count }, () => pick(list, dice)).join(' ');

/** What programs with colours print, in a land whose names are not ASCII. */
const RICH_LINES: readonly ((dice: Dice) => string)[] = [
  // ls -l --color
  (dice) =>
    `drwxr-xr-x ${dice(9)} root root ${dice(99999)} Nov 23 11:3${dice(9)} \x1b[0m\x1b[01;34m${pick(WORDS, dice)}\x1b[0m`,
  // tree
  (dice) => `│   ${'│   '.repeat(dice(4))}├── \x1b[01;32m${pick(WORDS, dice)}_${pick(PLAIN, dice)}\x1b[0m`,
  // a page of text
  (dice) => words(PROSE, 6 + dice(8), dice),
  // a log with levels
  (dice) =>
    `2026-11-23T11:35:0${dice(9)}Z \x1b[33mWARN\x1b[0m {"path":"/var/log/${pick(PLAIN, dice)}","why":"${words(PROSE, 3, dice)}"}`,
  // a full-screen program that redraws a line
  (dice) =>
    `\x1b[${1 + dice(24)};1H\x1b[K\x1b[7m ${pick(WORDS, dice)} \x1b[m ${words(PLAIN, 3 + dice(6), dice)}\x1b[24;80H`,
];

const LINES: Readonly<Record<CorpusName, (dice: Dice) => string>> = {
  plain: (dice) => words(PLAIN, 3 + dice(14), dice),
  rich: (dice) => RICH_LINES[dice(RICH_LINES.length)]?.(dice) ?? '',
  // The hardest that still looks like output: an escape sequence before and after every word.
  dense: (dice) =>
    Array.from({ length: 2 + dice(8) }, () => `${pick(COLOURS, dice)}${pick(WORDS, dice)}\x1b[m`).join(' '),
};

const TITLES: Readonly<Record<CorpusName, string>> = {
  plain: 'plain text',
  rich: 'UTF-8 and escapes',
  dense: 'escapes at every word',
};

/** Writes a text of `bytes` (as a terminal shows it) and its expected form into `folder`. */
export function writeCorpus(folder: string, name: CorpusName, bytes: number): Corpus {
  const dice = createDice(7);
  // A mebibyte of lines, over and over: no program here looks for repetition.
  let block = '';
  while (block.length < 1 << 20) block += `${LINES[name](dice)}\n`;
  const times = Math.ceil(bytes / Buffer.byteLength(block.replaceAll('\n', '\r\n')));
  const [source, expected] = [join(folder, `${name}.txt`), join(folder, `${name}.crlf`)];
  writeFileSync(source, block.repeat(times));
  writeFileSync(expected, block.replaceAll('\n', '\r\n').repeat(times));
  return { name, source, expected, title: TITLES[name] };
}
