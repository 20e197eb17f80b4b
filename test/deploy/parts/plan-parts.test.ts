import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SeenPart } from '../../../src/deploy/parts/look-at-parts.js';
import { planParts, type PlanOptions } from '../../../src/deploy/parts/plan-parts.js';
import { formatPartName } from '../../../src/shard/names.js';

const RELAY = 64999;
const OPTIONS: PlanOptions = {
  today: '2026-04-24',
  tomorrow: '2026-04-25',
  relayUid: RELAY,
  protects: true,
  next: false,
};
const [TODAY, TOMORROW] = ['sessions-2026-04-24.jsonl', 'sessions-2026-04-25.jsonl'];
let inodes = 0;

/** A part as the host makes them, unless said otherwise. */
function part(n: number, other: Partial<SeenPart> = {}): SeenPart {
  const day = other.day ?? OPTIONS.today;
  const sound = { kind: 'file', bytes: 100, uid: RELAY, links: 1, inode: String(++inodes), appendOnly: true } as const;
  return { ...sound, name: formatPartName({ day, n }), day, n, ...other };
}

const tomorrow = (): SeenPart => part(0, { day: OPTIONS.tomorrow });

function plan(
  parts: SeenPart[],
  options: Partial<PlanOptions> = {},
  otherNames: { name: string; inode: string }[] = [],
) {
  return planParts({ parts, otherNames, crowded: false }, { ...OPTIONS, ...options });
}

const make = (n: number, preallocate = true) => ({
  do: 'make',
  name: formatPartName({ day: OPTIONS.today, n }),
  preallocate,
});

test('an empty directory gets a part for today and one for tomorrow', () => {
  expect(plan([])).toEqual([make(0), { do: 'make', name: TOMORROW, preallocate: true }]);
});

test('where both are there and sound, there is nothing to do', () => {
  expect(plan([part(0), tomorrow()])).toEqual([]);
  expect(plan([part(0), part(1, { bytes: 0 }), tomorrow(), part(0, { day: '2026-04-01' })])).toEqual([]);
});

test('a further part comes after the last one, when it is asked for', () => {
  expect(plan([part(0), part(1), tomorrow()], { next: true })).toEqual([make(2)]);
  expect(plan([tomorrow()], { next: true })).toEqual([make(0)]);
});

test("a part that the host did not make is kept as it is from now on, and one of the host's comes after it first", () => {
  expect(plan([part(0, { appendOnly: false }), tomorrow()])).toEqual([
    make(1),
    { do: 'keep', name: TODAY, was: 'unprotected' },
  ]);
  expect(plan([part(0, { appendOnly: false, day: '2026-04-01' }), part(0), tomorrow()])).toEqual([
    { do: 'keep', name: 'sessions-2026-04-01.jsonl', was: 'unprotected' },
  ]);
});

test('where the file system has no such flag, a part without it is as good as another', () => {
  expect(plan([part(0, { appendOnly: false }), tomorrow()], { protects: false })).toEqual([]);
});

test.each(['symlink', 'fifo', 'socket', 'device'] as const)(
  "a %s under a part's name goes, and the part comes",
  (kind) => {
    expect(plan([part(0, { kind }), tomorrow()])).toEqual([{ do: 'remove', name: TODAY, was: kind }, make(0)]);
  },
);

test('a directory is set aside', () => {
  expect(plan([part(0), part(1, { kind: 'directory' }), tomorrow()])).toEqual([
    { do: 'set_aside', name: 'sessions-2026-04-24.1.jsonl', was: 'directory' },
  ]);
});

test("a stranger's file goes when there is nothing in it, and becomes the recorder's when there is", () => {
  expect(plan([part(0, { uid: 1000, bytes: 0, appendOnly: false }), tomorrow()])).toEqual([
    { do: 'remove', name: TODAY, was: 'foreign_owner' },
    make(0),
  ]);
  expect(plan([part(0, { uid: 1000, appendOnly: false }), tomorrow()])).toEqual([
    make(1),
    { do: 'keep', name: TODAY, was: 'foreign_owner' },
  ]);
});

test('of several names of one file the first stays', () => {
  const first = part(0, { links: 3, appendOnly: false });
  const others = [{ name: 'copy', inode: first.inode }];
  expect(
    plan([part(1, { ...first, n: 1, name: 'sessions-2026-04-24.1.jsonl' }), first, tomorrow()], {}, others),
  ).toEqual([
    { do: 'remove', name: 'sessions-2026-04-24.1.jsonl', was: 'hard_link' },
    { do: 'remove', name: 'copy', was: 'hard_link' },
    make(1),
    { do: 'keep', name: TODAY, was: 'hard_link' },
  ]);
});

test('a link out of sight is told of once, and is no part for the recorder', () => {
  expect(plan([part(0, { links: 2 }), tomorrow()])).toEqual([make(1)]);
  expect(plan([part(0, { links: 2 }), part(1), tomorrow()])).toEqual([]);
});

test('a gap that the recorder left where it passed over a squatted name is closed, so that it finds the last part', () => {
  const squatted = part(1, { kind: 'fifo' });
  expect(plan([part(0), squatted, part(2, { appendOnly: false }), tomorrow()])).toEqual([
    { do: 'remove', name: squatted.name, was: 'fifo' },
    make(1, false),
    make(3),
    { do: 'keep', name: 'sessions-2026-04-24.2.jsonl', was: 'unprotected' },
  ]);
});

test('a file far beyond the last part, or of a day to come, is out of the way; with something in it, it is kept aside', () => {
  const [far, far2] = [part(500, { bytes: 0, appendOnly: false }), part(501)];
  const [late, late2] = [part(0, { day: '2026-05-01', bytes: 0 }), part(1, { day: '2026-05-01' })];
  expect(plan([part(0), tomorrow(), far, far2, late, late2])).toEqual([
    { do: 'remove', name: late.name, was: 'too_early' },
    { do: 'set_aside', name: late2.name, was: 'too_early' },
    { do: 'remove', name: far.name, was: 'out_of_turn' },
    { do: 'set_aside', name: far2.name, was: 'out_of_turn' },
  ]);
});

test('whoever makes parts again and again is not given room on the disk for each', () => {
  const many = Array.from({ length: 9 }, (_, n) => part(n, { appendOnly: n < 8 }));
  expect(plan([...many, tomorrow()])).toContainEqual(make(9, false));
  expect(plan([...many.slice(0, 8), tomorrow()], { next: true })).toEqual([make(8)]);
});

const anyName = fc.record({
  n: fc.oneof(fc.nat(6), fc.constantFrom(20, 21, 500, 99_999, 100_000)),
  day: fc.constantFrom('2026-04-01', OPTIONS.today, OPTIONS.tomorrow, '2026-04-26', '2030-01-01'),
});
const anyInode = fc.record({
  kind: fc.constantFrom('file', 'file', 'file', 'file', 'symlink', 'fifo', 'socket', 'directory', 'device'),
  bytes: fc.constantFrom(0, 1, 5000),
  uid: fc.constantFrom(0, RELAY, 1000),
  appendOnly: fc.boolean(),
  /** Names elsewhere. */
  elsewhere: fc.constantFrom(0, 0, 0, 1),
  names: fc.array(anyName, { minLength: 1, maxLength: 3 }),
});
/** Each inode with all its names; a name belongs to the first that has it. */
const anyParts = fc.array(anyInode, { maxLength: 10 }).map((inodes) => {
  const parts = new Map<string, SeenPart>();
  inodes.forEach(({ names, elsewhere, ...inode }, i) => {
    const free = names.map(({ n, day }) => part(n, { day })).filter(({ name }) => !parts.has(name));
    const own = [...new Map(free.map((p) => [p.name, p])).values()].slice(0, inode.kind === 'file' ? 3 : 1);
    const links = own.length + elsewhere;
    for (const p of own) parts.set(p.name, part(p.n, { ...inode, day: p.day, inode: `i${i}`, links }));
  });
  return [...parts.values()];
});

test('whatever stands there, afterwards the last part of today and of tomorrow is one of the host, and nothing is lost', () => {
  fc.assert(
    fc.property(anyParts, fc.boolean(), (parts, next) => {
      const actions = plan(parts, { next });
      for (const action of actions) {
        const seen = parts.find(({ name }) => name === action.name);
        if (action.do !== 'remove' || seen?.kind !== 'file' || seen.bytes === 0) continue;
        const names = parts.filter(({ inode }) => inode === seen.inode).map(({ name }) => name);
        expect(names.filter((name) => !actions.some((a) => a.do === 'remove' && a.name === name)).length).toBe(1);
      }
      const gone = new Set(actions.filter((a) => a.do === 'remove' || a.do === 'set_aside').map(({ name }) => name));
      const there = parts.filter(({ name }) => !gone.has(name));
      const made = actions.filter((a) => a.do === 'make').map(({ name }) => name);
      expect(made.filter((name) => there.some((p) => p.name === name))).toEqual([]);
      expect(new Set(made).size).toBe(made.length);
      for (const day of [OPTIONS.today, OPTIONS.tomorrow]) {
        const names = new Set([...there.map(({ name }) => name), ...made]);
        let n = 0;
        while (names.has(formatPartName({ day, n: n + 1 }))) n++;
        const last = formatPartName({ day, n });
        const sound = there.find(({ name }) => name === last);
        expect(names.has(last)).toBe(true);
        // Every other part of the day is within the recorder's reach.
        expect([...names].filter((name) => name.startsWith(`sessions-${day}`)).length).toBe(n + 1);
        if (sound !== undefined && n < 99_999) {
          expect(sound).toMatchObject({ kind: 'file', appendOnly: true, links: 1 });
          expect([0, RELAY]).toContain(sound.uid);
        }
      }
    }),
    { numRuns: 2000 },
  );
});
