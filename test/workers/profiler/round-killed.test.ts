import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store } from '../../../src/store/open.js';
import { createRounds, type Rounds } from '../../../src/workers/profiler/round.js';
import { dyingStore, Killed } from '../dying-store.js';
import { addFailures, addSession, HOUR, readLedger, sidOf, START, statedFacts, type Ledger } from './rows.js';

let dir: string;
let stores = 0;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-profiler-killed-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

interface Place {
  readonly store: Store;
  readonly path: string;
}

async function withStore<T>(work: (place: Place) => Promise<T>): Promise<T> {
  const path = join(dir, `${++stores}.db`);
  const store = await openStore({ path });
  try {
    return await work({ store, path });
  } finally {
    await store.close();
    rmSync(path);
  }
}

async function finish(rounds: Rounds): Promise<void> {
  while ((await rounds.run(START)).more);
}

const rounds = (store: Store) => createRounds({ store, gettingOn: () => undefined });
const hash = (digit: string) => digit.repeat(16);
const profileOf = (digit: string) =>
  ({ kd_class: 'human', kd_rhythm_simhash: hash(digit), kd_digraph_simhash: hash(digit) }) as const;

/** What a day brings: the profiler has seen the first half of it. */
const FIRST: readonly ((store: Store) => Promise<void>)[] = [
  (store) => addFailures(store, START, 6),
  (store) => addSession(store, 1, { profile: profileOf('0'), commands: ['wget x'] }),
  (store) => addSession(store, 2, { session: { decky: 'psi' }, profile: profileOf('0') }),
  (store) => addSession(store, 3, { session: { src_ip: '203.0.113.10' }, profile: profileOf('f') }),
];
const SECOND: typeof FIRST = [
  (store) => addSession(store, 4, { session: { decky: 'chi' }, profile: profileOf('0') }),
  (store) => store.sessions.update(sidOf(3), { src_ip: '203.0.113.11' }),
  (store) => addSession(store, 2, { session: { decky: 'psi' }, profile: profileOf('f') }),
  (store) => addFailures(store, START + 9 * HOUR, 2, { decky: 'rho', src_ip: '203.0.113.10' }),
  (store) => store.sessions.update(sidOf(1), { origin: 'self' }),
];

async function play(store: Store, steps: typeof FIRST): Promise<void> {
  for (const step of steps) await step(store);
}

interface Result {
  readonly ledger: Ledger;
  readonly facts: readonly string[];
}

const resultOf = async ({ store, path }: Place): Promise<Result> => ({
  ledger: await readLedger(store),
  facts: statedFacts(path),
});

/** Killed at the nth statement of its second half and begun again with an empty memory. undefined = it has fewer. */
function playKilled(nth: number): Promise<Result & { readonly wasKilled: boolean }> {
  return withStore(async (place) => {
    await play(place.store, FIRST);
    const dying = dyingStore(place.store, nth);
    await finish(rounds(place.store));
    await play(place.store, SECOND);
    let wasKilled = false;
    try {
      await finish(rounds(dying.store));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      wasKilled = true;
      await finish(rounds(place.store));
    }
    return { ...(await resultOf(place)), wasKilled };
  });
}

describe('a profiler that is killed', () => {
  it('between any two statements, has in the end what an undisturbed one has, and stated each fact once', async () => {
    const { wasKilled, ...undisturbed } = await playKilled(Infinity);
    expect(wasKilled).toBe(false);
    expect(undisturbed.ledger.attackers).toHaveLength(3);
    expect(undisturbed.facts).toHaveLength(2);
    let nth = 1;
    for (; ; nth++) {
      const killed = await playKilled(nth);
      expect(killed, `killed before statement ${nth}`).toEqual({ ...undisturbed, wasKilled: killed.wasKilled });
      if (!killed.wasKilled) break;
    }
    expect(nth).toBeGreaterThan(40);
  }, 120_000);

  it('goes on after a failed transaction with what it has in memory, and ends up the same', async () => {
    const { wasKilled: _, ...undisturbed } = await playKilled(Infinity);
    const result = await withStore(async (place) => {
      await play(place.store, FIRST);
      let nth = 1;
      const patient = rounds({
        ...place.store,
        // Every transaction fails at a later statement than the one before, until one gets through.
        transaction: (work) => dyingStore(place.store, (nth += 5)).store.transaction(work),
      });
      const finishPatiently = async (): Promise<void> => {
        for (;;) {
          try {
            await finish(patient);
            return;
          } catch (error) {
            if (!(error instanceof Killed)) throw error;
          }
        }
      };
      await finishPatiently();
      nth = 1;
      await play(place.store, SECOND);
      await finishPatiently();
      return resultOf(place);
    });
    expect(result).toEqual(undisturbed);
  });
});

/** A small world, so that addresses, deckies and sessions meet often. */
const event = fc.oneof(
  { weight: 4, arbitrary: fc.record({
    kind: fc.constant('session' as const),
    n: fc.nat(7),
    ip: fc.option(fc.nat(2)),
    decky: fc.constantFrom('omega', 'psi', 'chi'),
    hours: fc.nat(60),
    digit: fc.option(fc.constantFrom('0', '1', 'f')),
    command: fc.constantFrom('id', 'wget x', 'crontab -e'),
    isSelf: fc.boolean(),
  }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('failures' as const), ip: fc.nat(2), decky: fc.constantFrom('omega', 'psi'), hours: fc.nat(60), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.constantFrom({ kind: 'round' as const }, { kind: 'restart' as const }) },
); // prettier-ignore
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

async function happen(store: Store, one: Event): Promise<void> {
  if (one.kind === 'session') {
    const { n, ip, decky, hours, digit, command, isSelf } = one;
    const startedAt = START + hours * HOUR;
    const session = {
      ...{
        decky,
        src_ip: ip === null ? null : `203.0.113.${ip}`,
        started_at: startedAt,
        last_line_at: startedAt + 1000,
      },
      origin: isSelf ? ('self' as const) : ('attacker' as const),
    };
    const profile = digit === null ? undefined : profileOf(digit);
    await addSession(store, n, { session, commands: [command], ...(profile && { profile }) });
  } else if (one.kind === 'failures') {
    const place = { decky: one.decky, src_ip: `203.0.113.${one.ip}` };
    await addFailures(store, START + one.hours * HOUR, one.count, place);
  }
}

/** What only memory of earlier states can tell. */
const withoutMemory = ({ attackers, ...ledger }: Ledger): unknown => ({
  ...ledger,
  attackers: attackers
    .map(({ first_seen: _, last_seen: __, ...row }) => row)
    .toSorted((a, b) => (a.src_ip < b.src_ip ? -1 : 1)),
});

describe('whatever happened, in whatever order it was looked at', () => {
  it('the tables are those of a profiler that saw all of it at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25 }), async (events) => {
        const stepwise = await withStore(async ({ store }) => {
          let own = rounds(store);
          for (const one of events) {
            if (one.kind === 'restart') own = rounds(store);
            if (one.kind === 'round' || one.kind === 'restart') await own.run(START);
            else await happen(store, one);
          }
          await finish(own);
          return readLedger(store);
        });
        const atOnce = await withStore(async ({ store }) => {
          for (const one of events) await happen(store, one);
          await finish(rounds(store));
          return readLedger(store);
        });
        expect(withoutMemory(stepwise)).toEqual(withoutMemory(atOnce));
      }),
      { numRuns: 25 },
    );
  }, 120_000);
});
