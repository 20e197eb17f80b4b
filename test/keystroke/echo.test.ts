import { expect, test } from 'vitest';
import { ECHO_EFFORT_MAX } from '../../src/keystroke/echo-effort.js';
import { createEchoTracker, type EchoTracker } from '../../src/keystroke/echo.js';

const SECOND = 1_000_000;

function track(): EchoTracker & { readonly echoed: number[]; typeAll(text: string, tUs: number): void } {
  const echoed: number[] = [];
  const tracker = createEchoTracker((token) => echoed.push(token));
  return Object.assign(tracker, {
    echoed,
    typeAll(text: string, tUs: number) {
      Array.from(text).forEach((char, token) => tracker.type(char, token, tUs));
    },
  });
}

/** Lines typed ahead, and a row that begins like their ends and is blank from there: each is looked for in all of it. */
function keepBusy(tracker: ReturnType<typeof track>, pieces: number): void {
  tracker.type('s', 1000, 0);
  tracker.endLine();
  for (let line = 0; line < 8; line++) {
    tracker.typeAll('zz', 0);
    tracker.endLine();
  }
  tracker.show({ kind: 'newline' }, 1);
  for (const text of ['y', ' '.repeat(500)]) tracker.show({ kind: 'text', text }, 1);
  for (let n = 0; n < pieces; n++) {
    tracker.show({ kind: 'text', text: ' ' }, 1);
    tracker.show({ kind: 'move' }, 1);
  }
}

test('output that has nothing to do with what waits is told from it without comparing it with each key', () => {
  const tracker = track();
  tracker.typeAll('z'.repeat(10_000), 0);
  for (let n = 0; n < 10_000; n++) {
    tracker.show({ kind: 'text', text: 'x' }, n);
    tracker.show({ kind: 'newline' }, n);
  }
  expect(tracker.effort).toBe(0);
});

test('a key that is too far behind to be echoed now costs the same however much waits before it', () => {
  const tracker = track();
  tracker.typeAll(`${'z'.repeat(10_000)}x`, 0);
  for (let n = 0; n < 1000; n++) tracker.show({ kind: 'text', text: 'x' }, 2 * SECOND);
  expect(tracker.effort).toBeGreaterThan(0);
  expect(tracker.effort / 1000).toBeLessThan(12);
  expect(tracker.echoed).toEqual([]);
});

test('looking for echoes ends at a bound, whatever comes; what is typed then is not taken for echoed', () => {
  const tracker = track();
  keepBusy(tracker, 1000);
  const [some, ...none] = [tracker.effort, ...tracker.echoed];
  expect([some > 1_000_000, none]).toEqual([true, []]);
  tracker.type('q', 7, 2);
  tracker.show({ kind: 'text', text: 'q' }, 3);
  expect(tracker.echoed).toEqual([7]);
  const worn = track();
  keepBusy(worn, 10_000);
  const spent = worn.effort;
  expect(spent).toBeGreaterThanOrEqual(ECHO_EFFORT_MAX);
  expect(spent).toBeLessThan(ECHO_EFFORT_MAX + 10_000);
  worn.type('q', 7, 2);
  worn.show({ kind: 'text', text: 'q' }, 3);
  expect([worn.effort, worn.echoed, worn.row.at(-1)]).toEqual([spent, [], 'q']);
});
