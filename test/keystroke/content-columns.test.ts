import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digraphsOf, PUBLIC_DIGRAPHS, PUBLIC_WORDS } from '../../src/keystroke/public-words.js';
import { profileSession } from '../../src/keystroke/profile.js';
import { createTape, humanGaps, seeded, type Tape } from './typing.js';

const COMMANDS = [
  ...[
    'chmod x',
    'chown x',
    'chgrp x',
    'chattr x',
    'mkdir x',
    'rmdir x',
    'mkfifo x',
    'mktemp',
    'systemctl status',
    'sysctl x',
  ],
  ...[
    'hostnamectl',
    'journalctl x',
    'timedatectl',
    'useradd x',
    'userdel x',
    'usermod x',
    'groupadd x',
    'netstat x',
    'lsattr x',
  ],
  ...[
    'grep x',
    'pgrep x',
    'lsblk',
    'lsof',
    'strace x',
    'traceroute x',
    'ifconfig',
    'iptables x',
    'tcpdump x',
    'uname',
    'wget x',
  ],
];
/** Words that are made of the digraphs of public ones, passwords of the lists, a passphrase, names, mixed strings. */
const SECRETS = [
  ...[
    'hunter2',
    'sunshine',
    'password',
    'changeme',
    'letmein',
    'iloveyou',
    'princess',
    'dragon',
    'admin',
    'root',
    'qwerty',
  ],
  ...[
    'statement',
    'charming',
    'listener',
    'chmodder',
    'netstats',
    'thegreatest',
    'reinstate',
    'modestly',
    'scanme',
    'megacorp',
  ],
  ...[
    'correct horse battery staple',
    'open sesame',
    'Tr0ub4dor&3',
    'ssh-rsa aaaab',
    'mkdir/',
    './chmod',
    'https://user:grep@host/',
  ],
];

interface Extra {
  readonly text: string;
  readonly times: number;
  readonly at: number;
  readonly how: 'line' | 'argument' | 'blind' | 'no-echo' | 'paste';
}

function play(seed: number, extra?: Extra): Tape {
  const tape = createTape();
  const order = seeded(seed);
  const base = humanGaps(seeded(seed + 1));
  const other = humanGaps(seeded(seed + 2));
  for (let line = 0; line < 60; line++) {
    if (extra?.at === line) for (let i = 0; i < extra.times; i++) add(tape, extra, other);
    tape.type(`${COMMANDS[Math.floor(order() * COMMANDS.length)] ?? ''}\r`, base);
  }
  return tape;
}

function add(tape: Tape, { text, how }: Extra, gap: (char: string) => number): void {
  if (how === 'line') tape.type(`${text}\r`, gap);
  else if (how === 'argument') tape.type(`mysql -u x -p${text} x\r`, gap);
  else if (how === 'paste') tape.wait(400).key(`\x1b[200~${text}\x1b[201~`, { echo: text }).type('\r', gap);
  else tape.type('su\r', gap).blind(`${text}\r`, gap, how === 'no-echo');
}

function contentOf(tape: Tape) {
  const row = profileSession(tape.session(), 0);
  return [row.kd_digraph_count, row.kd_digraph_simhash, row.kd_rhythm_simhash, row.kd_top_bigrams] as const;
}

test('a session of many commands has all content columns', () => {
  const [count, vocabulary, rhythm, bigrams] = contentOf(play(1));
  expect(count).toBeGreaterThan(120);
  expect(vocabulary).toMatch(/^[0-9a-f]{16}$/);
  expect(rhythm).toMatch(/^[0-9a-f]{16}$/);
  expect(rhythm).not.toBe(vocabulary);
  expect(bigrams.length).toBeGreaterThan(10);
  const sorted = [...bigrams].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  expect(bigrams).toEqual(sorted);
});

test('a digraph counts once three different words hold it, however often two of them are typed', () => {
  const typed = (...words: string[]) =>
    contentOf(createTape().type(words.map((word) => `${word}\r`).join(''), () => 100));
  const two = Array.from({ length: 50 }, () => ['chmod', 'chown']).flat();
  expect(typed(...two)).toEqual([0, null, null, []]);
  expect(typed('chmod', 'chown', 'chgrp', 'chmod')).toEqual([4, null, null, [['ch', 4, 100]]]);
});

test('a word that was corrected, completed, cut off or glued to something is none', () => {
  const typed = (text: string) => contentOf(createTape().type(`chmod x\rchown x\r${text}`, () => 100))[0];
  expect(typed('chgrp x')).toBe(3);
  for (const text of ['chx\x7fgrp x', 'chgr\tx', 'chgrp', './chgrp x', 'chgrp/ x', 'Xchgrp x', 'chgrp.x']) {
    expect([text, typed(text)]).toEqual([text, 0]);
  }
});

const anySecret = fc.oneof(
  fc.constantFrom(...SECRETS),
  fc.string({ unit: fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz ')), minLength: 1, maxLength: 24 }),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 24 }),
  // Syllables of public words: as like them as can be.
  fc
    .array(fc.constantFrom(...[...PUBLIC_DIGRAPHS].filter((pair) => !pair.includes(' '))), {
      minLength: 2,
      maxLength: 6,
    })
    .map((pairs) => pairs.join('')),
);
const isSecret = (text: string): boolean => !text.split(/[^a-z]/).some((word) => PUBLIC_WORDS.has(word));

test('a string typed in the clear once, twice or a hundred times leaves no trace in the content columns', () => {
  const bases = new Map([1, 2, 3].map((seed) => [seed, contentOf(play(seed))]));
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2, 3),
      anySecret.filter(isSecret),
      fc.constantFrom(1, 2, 100),
      fc.nat(59),
      fc.constantFrom('line' as const, 'argument' as const),
      (seed, text, times, at, how) => {
        expect(contentOf(play(seed, { text, times, at, how }))).toEqual(bases.get(seed));
      },
    ),
    { numRuns: 50 },
  );
}, 30_000);

test('what is typed at a no-echo prompt, or pasted, leaves none even if it is a public word', () => {
  const base = contentOf(play(4));
  fc.assert(
    fc.property(
      fc.oneof(anySecret, fc.constantFrom('systemctl', 'chmod chown', 'grep lsblk')),
      fc.constantFrom('blind' as const, 'no-echo' as const, 'paste' as const),
      fc.nat(59),
      (text, how, at) => {
        expect(contentOf(play(4, { text, times: 5, at, how }))).toEqual(base);
      },
    ),
    { numRuns: 40 },
  );
}, 30_000);

test('a dictionary attack decides nothing: for every candidate the row is that of the session without it', () => {
  const row = contentOf(play(5));
  const answers = SECRETS.map((text) => JSON.stringify(contentOf(play(5, { text, times: 3, at: 40, how: 'line' }))));
  expect(new Set([...answers, JSON.stringify(row)]).size).toBe(1);
});

test('what a row shows of public words fits eight of them at least, and no bigram has a key but a-z and space', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    for (const [pair] of contentOf(play(seed))[3]) {
      expect(pair).toMatch(/^(?:[a-z]{2}|[a-z] | [a-z])$/);
      expect([...PUBLIC_WORDS].filter((word) => digraphsOf(word).has(pair)).length).toBeGreaterThanOrEqual(8);
    }
  }
});

test('public words are of letters, at least three, and none is in anybody’s list of passwords', () => {
  expect(PUBLIC_WORDS.size).toBeGreaterThan(250);
  expect([...PUBLIC_WORDS].filter((word) => !/^[a-z]{3,}$/.test(word))).toEqual([]);
  const tempting = [
    'admin',
    'root',
    'test',
    'guest',
    'mysql',
    'oracle',
    'postgres',
    'docker',
    'python',
    'ansible',
    'git',
    'nginx',
  ];
  const words = [
    'cat',
    'find',
    'make',
    'sort',
    'head',
    'tail',
    'kill',
    'top',
    'man',
    'less',
    'more',
    'date',
    'touch',
    'time',
    'free',
  ];
  expect(
    [...tempting, ...words, 'passwd', 'shadow', 'master', 'server', 'ssh', 'pwd'].filter((word) =>
      PUBLIC_WORDS.has(word),
    ),
  ).toEqual([]);
});

test('the same typist on another day is nearer by rhythm than another one', () => {
  const rhythm = (seed: number, slow: ReadonlySet<string>): bigint => {
    const tape = createTape();
    const random = seeded(seed);
    for (let line = 0; line < 120; line++) {
      const command = COMMANDS[Math.floor(random() * COMMANDS.length)] ?? '';
      tape.type(`${command}\r`, (char) => (slow.has(char) ? 190 : 95) + 25 * random());
    }
    return BigInt(`0x${contentOf(tape)[2] ?? ''}`);
  };
  const bits = (a: bigint, b: bigint) => (a ^ b).toString(2).replaceAll('0', '').length;
  const [left, right] = [new Set('qwertasdfgzxcvb'), new Set('yuiophjklnm')];
  for (const seed of [11, 21, 31, 41]) {
    const near = bits(rhythm(seed, left), rhythm(seed + 1, left));
    const far = bits(rhythm(seed, left), rhythm(seed + 2, right));
    expect(near).toBeLessThan(16);
    expect(far).toBeGreaterThan(near + 8);
  }
});
