import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionProfile } from '../../src/contract/session-profile.js';
import { markHidden } from '../../src/keystroke/hidden.js';
import { profileSession } from '../../src/keystroke/profile.js';
import { createTape, humanGaps, readFixture, seeded, sshHeader, type Tape } from './typing.js';

const gap = (): number => 100;

function rowOf(tape: Tape) {
  return profileSession(tape.session(), 0);
}

test('the session that motivated it has its published figures', () => {
  const row = profileSession(readFixture('wget-scanme.jsonl'), 1_777_018_100_000);
  expect(row).toMatchObject({
    schema_version: 1,
    computed_at: 1_777_018_100_000,
    session_duration_ms: 5943.053,
    total_keystrokes: 21,
    noecho_spans: 0,
    paste_count: 0,
    kd_iki_mean_ms: 138.1,
    kd_max_pause_ms: 467,
    kd_start_of_action_latency_ms: 225,
    kd_pause_hist_burst: 17,
    kd_pause_hist_think: 3,
    kd_pause_hist_distracted: 0,
    kd_class: 'human',
  });
  expect(Math.abs((row.kd_iki_cov ?? 0) - 0.74)).toBeLessThanOrEqual(0.05);
  expect([row.kd_top_bigrams, row.kd_digraph_simhash, row.kd_rhythm_simhash]).toEqual([[], null, null]);
});

test('a session without a key has counts of 0, and null for what cannot be known', () => {
  const row = profileSession({ ...createTape().session(), events: [] }, 0);
  expect(row).toMatchObject({
    total_keystrokes: 0,
    kd_pause_hist_burst: 0,
    kd_digraph_count: 0,
    session_duration_ms: 0,
  });
  expect(row).toMatchObject({
    kd_iki_mean_ms: null,
    kd_burst_ratio: null,
    kd_arrow_rate: null,
    kd_enter_latency_p50_ms: null,
  });
  expect(row).toMatchObject({ kd_class: 'unknown', kd_class_reason: 'nothing_typed', kd_class_confidence: 0 });
});

test('one interval has percentiles and no moments', () => {
  expect(rowOf(createTape().type('ab', gap))).toMatchObject({
    kd_iki_p50_ms: 100,
    kd_iki_mad_ms: 0,
    kd_max_pause_ms: 100,
    kd_iki_mean_ms: null,
    kd_iki_stdev_ms: null,
    kd_iki_cov: null,
  });
});

test('only the moments clip a long pause', () => {
  const row = rowOf(createTape().type('abc', (_, at) => (at === 2 ? 60_000 : 100)));
  expect(row).toMatchObject({
    kd_iki_mean_ms: 5050,
    kd_max_pause_ms: 60_000,
    kd_iki_p50_ms: 30_050,
    kd_iki_p95_ms: 57_005,
  });
});

test('pauses of 200 ms, 1 s and 1.5 s exactly fall on the near side of their edges', () => {
  const gaps = [0, 199.999, 200, 1000, 1500, 1500.001];
  const row = rowOf(createTape().type('abcdef', (_, at) => gaps[at] ?? 0));
  expect(row).toMatchObject({ kd_pause_hist_burst: 1, kd_pause_hist_think: 3, kd_pause_hist_distracted: 1 });
  expect(row).toMatchObject({ kd_burst_ratio: 0.2, kd_think_ratio: 0.4 });
});

test('an action starts with the session and after more than a second; its latency is to the second key', () => {
  const gaps = [0, 300, 90, 2000, 200, 90, 1500, 1200, 400];
  expect(rowOf(createTape().type('abcdefghi', (_, at) => gaps[at] ?? 0)).kd_start_of_action_latency_ms).toBe(300);
});

test('an Enter’s latency is that from the key before it', () => {
  const row = rowOf(createTape().type('ls\rid\rw\r', (char) => (char === '\r' ? 250 : 100)));
  expect(row).toMatchObject({ kd_enter_latency_p50_ms: 250, kd_enter_latency_p95_ms: 250 });
});

test('rates are per echoed keystroke', () => {
  const tape = createTape().type('abcd\x7f\x7f\t\x17\x15\x03', gap);
  for (const key of ['\x1b[A', '\x1bOB', '\x1b[1;5C']) tape.wait(100).key(key, { echo: '\x1b[K' });
  tape.wait(100).key('\x04', { echo: null });
  expect(rowOf(tape.blind('\r', gap))).toMatchObject({
    total_keystrokes: 15,
    kd_ctrl_backspace: 0.133333,
    kd_ctrl_wkill: 0.066667,
    kd_ctrl_ukill: 0.066667,
    kd_ctrl_abort: 0.066667,
    kd_ctrl_eof: 0.066667,
    kd_arrow_rate: 0.2,
    kd_tab_rate: 0.066667,
  });
});

test('a terminal’s replies are no keystrokes and part no two keys', () => {
  const tape = createTape().type('a', gap).wait(50).key('\x1b[?64;1c\x1b[3;1R', { echo: null }).wait(50).key('b');
  expect(rowOf(tape)).toMatchObject({ total_keystrokes: 2, kd_max_pause_ms: 100 });
});

test('a no-echo span breaks the chain at both ends and none of its times count', () => {
  const tape = createTape()
    .type('su\r', gap)
    .blind('hunter2\r', () => 700, true)
    .wait(5000)
    .type('id', gap);
  expect(rowOf(tape)).toMatchObject({
    total_keystrokes: 5,
    noecho_spans: 1,
    kd_max_pause_ms: 100,
    kd_iki_mean_ms: 100,
  });
});

test('typing blind for long keeps its timing, and still counts no key of it', () => {
  const tape = createTape().type('stty -echo\r', gap);
  for (let i = 0; i < 5; i++) tape.blind('uname -a\r', () => 320, i % 2 === 0);
  const row = rowOf(tape);
  expect(row).toMatchObject({
    total_keystrokes: 11,
    noecho_spans: 1,
    kd_iki_p50_ms: 320,
    kd_enter_latency_p50_ms: 320,
  });
  expect(row.kd_digraph_count).toBe(0);
});

test('a paste is one event without keystrokes, and breaks the chain', () => {
  const tape = createTape().type('ab', gap).wait(900).key('curl -s http://203.0.113.7/x').wait(900).type('cd', gap);
  expect(rowOf(tape)).toMatchObject({ total_keystrokes: 4, paste_count: 1, pasted_chars: 28, kd_max_pause_ms: 100 });
});

test('a bracketed paste is one paste however short, and whatever reads it came by', () => {
  const tape = createTape()
    .type('a', gap)
    .wait(500)
    .key('\x1b[200~l', { echo: 'l' })
    .wait(20)
    .key('s\x1b[201~', { echo: 's' });
  expect(rowOf(tape.wait(500).type('bc', gap))).toMatchObject({ total_keystrokes: 3, paste_count: 1, pasted_chars: 2 });
});

test('a long paste that comes by several reads is one', () => {
  const tape = createTape()
    .type('a', gap)
    .wait(500)
    .key('x'.repeat(20) + 'curl -s http://')
    .wait(5)
    .key('203.0.113.7/')
    .wait(5)
    .key('x\r');
  expect(rowOf(tape)).toMatchObject({ total_keystrokes: 1, paste_count: 1, pasted_chars: 49 });
});

test('a few keys that one read holds are keys, and so is a held key', () => {
  const tape = createTape().type('a', gap).wait(100).key('bcd').wait(400).key('xxxxxxxxxx');
  expect(rowOf(tape)).toMatchObject({ total_keystrokes: 14, paste_count: 0 });
});

test('telnet’s line mode is neither typing nor pasting', () => {
  const tape = createTape();
  for (const line of ['enable', 'system', 'cat /proc/mounts']) tape.wait(800).key(`${line}\r\n`);
  for (const header of [sshHeader('telnet'), null]) {
    expect(profileSession(tape.session(header), 0)).toMatchObject({
      total_keystrokes: 0,
      paste_count: 0,
      kd_pause_hist_burst: null,
      kd_class: 'unknown',
      kd_class_reason: 'line_mode',
    });
  }
  expect(rowOf(tape)).toMatchObject({ paste_count: 3, kd_class: 'pasted' });
});

test('line mode is line mode where only the client echoes, too', () => {
  const tape = createTape();
  for (const line of ['enable', 'system', 'shell', 'sh', 'cat /proc/mounts'])
    tape.wait(800).key(`${line}\r\n`, { echo: null });
  expect(profileSession(tape.session(sshHeader('telnet')), 0)).toMatchObject({
    ...{ total_keystrokes: 0, paste_count: 0, kd_iki_p50_ms: null, kd_class: 'unknown', kd_class_reason: 'line_mode' },
  });
});

test('a login without a terminal is not typed, whatever its reads hold', () => {
  const tape = createTape().key('ls -la\ncat /etc/pas', { echo: null }).wait(3).key('swd\n', { echo: null });
  const piped = tape.session(sshHeader('ssh', null));
  expect(profileSession(piped, 0)).toMatchObject({ total_keystrokes: 0, paste_count: 0, kd_class_reason: 'line_mode' });
  const command = { ...piped, events: [{ tUs: 9, ch: 'c', text: 'id', noecho: false }] } as const;
  expect(profileSession(command, 0)).toMatchObject({ kd_pause_hist_burst: 0, kd_class_reason: 'nothing_typed' });
});

test('telnet typed key by key is typing', () => {
  const tape = createTape().type('cat /proc/mounts\r', humanGaps(seeded(3)));
  expect(profileSession(tape.session(sshHeader('telnet')), 0)).toMatchObject({ total_keystrokes: 17 });
});

const read = fc.record({
  text: fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom('\r', 'ls -la\r', '\x1b[A', '\x1b[200~x\x1b[201~', ' ', '\x7f'),
  ),
  echo: fc.boolean(),
  noecho: fc.boolean(),
  gapUs: fc.integer({ min: -1000, max: 2_500_000 }),
});

test('every row keeps the contract, and the same session gives the same row bit for bit, marked before or not', () => {
  fc.assert(
    fc.property(fc.array(read, { maxLength: 60 }), (reads) => {
      const tape = createTape();
      for (const { text, echo, noecho, gapUs } of reads) {
        tape.nowMs = Math.max(0, tape.nowMs + gapUs / 1000);
        tape.key(text, { noecho, ...(echo ? {} : { echo: null }) });
      }
      const session = tape.session();
      const row = profileSession(session, 5);
      expect(sessionProfile.parse(row)).toEqual(row);
      expect(JSON.stringify(profileSession(structuredClone(session), 5))).toBe(JSON.stringify(row));
      expect(profileSession(markHidden(session), 5)).toEqual(row);
    }),
    { numRuns: 300 },
  );
});
