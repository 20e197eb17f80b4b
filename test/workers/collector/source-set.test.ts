import { describe, expect, it } from 'vitest';
import type { SourcePosition } from '../../../src/contract/spool-batch.js';
import type { SourcePlace } from '../../../src/workers/collector/source.js';
import { createSourceSet } from '../../../src/workers/collector/source-set.js';
import { createFakeSources } from './fake-sources.js';

const place = (name: string, decky = name): SourcePlace => ({
  id: `file:/logs/${name}`,
  decky,
  service: null,
  kind: 'file',
  at: `/logs/${name}`,
  untrusted: false,
});

function setUp() {
  const fakes = createFakeSources();
  const positions = new Map<string, SourcePosition>();
  const set = createSourceSet({ opener: fakes.opener, positions, now: () => 0 });
  const names = () => set.inTurn().map((source) => source.place.at.slice('/logs/'.length));
  return { fakes, positions, set, names };
}

describe('the open sources', () => {
  it('follow the places: new ones where the spool says, gone ones closed, others left alone', async () => {
    const { fakes, positions, set, names } = setUp();
    positions.set('file:/logs/b', { next: 5 });
    await set.follow([place('a'), place('b')]);
    await set.follow([place('b'), place('c')]);
    expect(names()).toEqual(['b', 'c']);
    expect(fakes.stream('b').openedAt).toEqual([{ next: 5 }]);
    expect([fakes.stream('a').closed, fakes.stream('b').closed]).toEqual([1, 0]);
    positions.set('file:/logs/a', { next: 9 });
    await set.follow([place('a')]);
    expect(fakes.stream('a').openedAt).toEqual([undefined, { next: 9 }]);
    await set.close();
    expect(fakes.stream('a').closed).toBe(2);
  });

  it('are opened anew where a place is another decky’s now', async () => {
    const { fakes, set } = setUp();
    await set.follow([place('a', 'omega')]);
    await set.follow([place('a', 'psi')]);
    expect([fakes.stream('a').openedAt.length, fakes.stream('a').closed]).toEqual([2, 1]);
    expect(set.inTurn()[0]?.place.decky).toBe('psi');
  });

  it('have their turns one after another', async () => {
    const { set, names } = setUp();
    await set.follow([place('a'), place('b'), place('c')]);
    set.passTurns(2);
    expect(names()).toEqual(['c', 'a', 'b']);
    set.passTurns(3);
    expect(names()).toEqual(['c', 'a', 'b']);
    set.passTurns(1);
    expect(names()).toEqual(['a', 'b', 'c']);
    await set.follow([]);
    expect(names()).toEqual([]);
    set.passTurns(0);
    await set.follow([place('a')]);
    expect(names()).toEqual(['a']);
  });

  it('say when one of them has something, and when the waiting is over', async () => {
    const { fakes, set } = setUp();
    const none = new AbortController();
    const empty = set.readable(none.signal);
    none.abort();
    await empty;
    await set.follow([place('a'), place('b')]);
    const ended = new AbortController();
    const waiting = set.readable(ended.signal);
    fakes.stream('b').write('x');
    await waiting;
    ended.abort();
    await set.readable(ended.signal);
  });
});
