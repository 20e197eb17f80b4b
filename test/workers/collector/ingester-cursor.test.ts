import { describe, expect, it } from 'vitest';
import { DecnetError } from '../../../src/errors.js';
import { createIngesterCursor } from '../../../src/workers/collector/ingester-cursor.js';

function setUp() {
  const answers: (() => Promise<string | undefined>)[] = [];
  const log: string[] = [];
  const names: string[] = [];
  const table = {
    get: (name: string) => {
      names.push(name);
      return answers.shift()?.() ?? Promise.resolve(undefined);
    },
    move: () => Promise.resolve(false),
  };
  return { answers, log, names, cursor: createIngesterCursor(table, (line) => log.push(line)) };
}

describe('how far the ingester is', () => {
  it('is what its cursor says; nothing before it has one', async () => {
    const { answers, cursor, names } = setUp();
    expect(await cursor.fresh()).toBeUndefined();
    answers.push(() => Promise.resolve('{"segment":3,"offset":10}'));
    expect(await cursor.fresh()).toEqual({ segment: 3, offset: 10 });
    expect(names).toEqual(['ingester.spool', 'ingester.spool']);
  });

  it('is at once what it was last, while it is looked up, once at a time', async () => {
    const { answers, cursor, names } = setUp();
    let answer: (value: string) => void = () => undefined;
    answers.push(() => new Promise((resolve) => (answer = resolve)));
    expect(cursor.latest()).toBeUndefined();
    expect(cursor.latest()).toBeUndefined();
    expect(names).toHaveLength(1);
    answer('{"segment":1,"offset":2}');
    await cursor.fresh();
    expect(cursor.latest()).toEqual({ segment: 1, offset: 2 });
  });

  it('is what it was while the database cannot be asked', async () => {
    const { answers, cursor, log } = setUp();
    answers.push(() => Promise.resolve('{"segment":1,"offset":2}'));
    await cursor.fresh();
    answers.push(() => Promise.reject(new DecnetError('E_STORE_BUSY', 'the database is locked')));
    expect(await cursor.fresh()).toEqual({ segment: 1, offset: 2 });
    expect(log).toEqual(['how far the ingester is: the database is locked (E_STORE_BUSY)']);
  });
});
