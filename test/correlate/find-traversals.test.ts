import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { traversal, type Contact } from '../../src/contract/traversal.js';
import { findTraversals, TRAVERSAL_GAP_MS, TRAVERSALS_MAX } from '../../src/correlate/find-traversals.js';

const IP = '203.0.113.9';
const HOUR = 3_600_000;

function session(decky: string, at: number, sid = `${decky}-${at}`): Contact {
  return { decky, service: 'ssh', sid, at, kind: 'session', count: 1, until: at };
}

function failures(decky: string, at: number, count = 1, until = at): Contact {
  return { decky, service: 'ssh', sid: null, at, kind: 'failure', count, until };
}

/** Few places and coarse times, so that ties, gaps and repeats are common. */
const contact: fc.Arbitrary<Contact> = fc
  .record({
    decky: fc.constantFrom('omega', 'psi', 'chi'),
    service: fc.constantFrom('ssh', 'telnet'),
    at: fc.integer({ min: 0, max: 20 }).map((n) => n * 10 * HOUR),
    lastsMs: fc.constantFrom(0, 30_000),
    sid: fc.option(fc.constantFrom('a', 'b', 'c')),
    count: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ sid, lastsMs, count, ...place }) =>
    sid === null
      ? { ...place, sid, kind: 'failure', count, until: place.at + lastsMs }
      : { ...place, sid, kind: 'session', count: 1, until: place.at },
  );

describe('findTraversals', () => {
  it('finds none where only one decky was met, however often', () => {
    expect(findTraversals(IP, [])).toEqual([]);
    expect(findTraversals(IP, [session('omega', 0), failures('omega', 5), session('omega', 9)])).toEqual([]);
  });

  it('follows refused logins and sessions over deckies, hop by hop', () => {
    const [found, ...others] = findTraversals(IP, [
      session('psi', 3 * HOUR),
      failures('omega', 0, 4, 50_000),
      failures('omega', 60_000, 2, 60_500),
      session('omega', HOUR),
    ]);
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      ...{ src_ip: IP, first_at: 0, last_at: 3 * HOUR, deckies: 2, decky_names: ['omega', 'psi'], hop_count: 3 },
      hops: [
        { decky: 'omega', service: 'ssh', sid: null, at: 0, kind: 'failure', count: 6 },
        { decky: 'omega', service: 'ssh', sid: `omega-${HOUR}`, at: HOUR, kind: 'session', count: 1 },
        { decky: 'psi', service: 'ssh', sid: `psi-${3 * HOUR}`, at: 3 * HOUR, kind: 'session', count: 1 },
      ],
    });
    expect(traversal.parse({ ...found, updated_at: 1 })).toBeTruthy();
  });

  it('ends where nothing was met for more than a day, and not at a day', () => {
    const day = (gap: number) => findTraversals(IP, [session('omega', 7), session('psi', 7 + gap)]).length;
    expect(day(TRAVERSAL_GAP_MS)).toBe(1);
    expect(day(TRAVERSAL_GAP_MS + 1)).toBe(0);
  });

  it('measures the gap from the last of the refused logins that went together', () => {
    const long = [failures('omega', 0, 2, 59_000), session('psi', TRAVERSAL_GAP_MS + 59_000)];
    expect(findTraversals(IP, long)).toHaveLength(1);
  });

  it('gives ids by address and start alone', () => {
    const two = [session('omega', 0), session('psi', 1)];
    const idOf = (ip: string, contacts: Contact[]) => findTraversals(ip, contacts)[0]?.id;
    expect(idOf(IP, two)).toBe(idOf(IP, [...two, session('chi', 2)]));
    expect(idOf(IP, two)).not.toBe(idOf('203.0.113.10', two));
    expect(idOf(IP, two)).not.toBe(idOf(IP, [session('omega', -1), ...two]));
  });

  it('keeps both ends of a long one, and counts the rest', () => {
    const many = Array.from({ length: 1501 }, (_, at) => session(at % 2 === 0 ? 'omega' : 'psi', at));
    const [found] = findTraversals(IP, many);
    expect(found).toMatchObject({ hop_count: 1501, first_at: 0, last_at: 1500 });
    expect(found?.hops.map(({ at }) => at)).toEqual([...many.slice(0, 500), ...many.slice(-500)].map(({ at }) => at));
  });

  it('keeps the newest where somebody forges ever so many', () => {
    const many = Array.from({ length: 1000 }, (_, n) => [
      session('omega', n * 2 * TRAVERSAL_GAP_MS),
      session('psi', n * 2 * TRAVERSAL_GAP_MS + 1),
    ]).flat();
    const found = findTraversals(IP, many);
    expect(found).toHaveLength(TRAVERSALS_MAX);
    expect(found.at(-1)?.first_at).toBe(999 * 2 * TRAVERSAL_GAP_MS);
  });

  it('gives the same whatever order the contacts came in', () => {
    const shuffled = fc
      .array(contact, { maxLength: 40 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([contacts, other]) => {
        expect(findTraversals(IP, other)).toEqual(findTraversals(IP, contacts));
      }),
    );
  });

  it('loses no contact between two deckies, and puts none into two traversals', () => {
    fc.assert(
      fc.property(fc.array(contact, { maxLength: 40 }), (contacts) => {
        const found = findTraversals(IP, contacts);
        const inside = contacts.filter(({ at }) => found.some((one) => one.first_at <= at && at <= one.last_at));
        const total = found.flatMap(({ hops }) => hops).reduce((sum, { count }) => sum + count, 0);
        expect(total).toBe(inside.reduce((sum, { count }) => sum + count, 0));
        // Two neighbours on different deckies within a day are in one.
        const sorted = contacts.toSorted((a, b) => a.at - b.at);
        sorted.slice(1).forEach((next, n) => {
          const last = sorted[n]!;
          if (next.decky !== last.decky && next.at - last.at <= TRAVERSAL_GAP_MS) expect(inside).toContain(next);
        });
        for (const one of found) expect(new Set(one.hops.map(({ decky }) => decky)).size).toBe(one.deckies);
      }),
    );
  });
});
