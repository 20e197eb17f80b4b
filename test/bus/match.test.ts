import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TOKENS_MAX } from '../../src/bus/limits.js';
import { isPattern, isTopic, matches } from '../../src/bus/match.js';

/** The rule as the page has it, token by token. */
function matchesSlowly(pattern: string, topic: string): boolean {
  const [want, have] = [pattern.split('.'), topic.split('.')];
  if (want.at(-1) === '>') {
    const fixed = want.slice(0, -1);
    return have.length > fixed.length && fixed.every((token, at) => token === '*' || token === have[at]);
  }
  return have.length === want.length && want.every((token, at) => token === '*' || token === have[at]);
}

const token = fc.constantFrom('a', 'b', 'ab', 'a-b', '7');
const topic = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join('.'));
const pattern = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { maxLength: 5 }), fc.boolean())
  .map(([tokens, rest]) => [...tokens, ...(rest || tokens.length === 0 ? ['>'] : [])].join('.'));

describe('patterns', () => {
  it('match as token by token they should', () => {
    fc.assert(
      fc.property(pattern, topic, (p, t) => {
        expect(matches(p, t)).toBe(matchesSlowly(p, t));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['topology.*.status', 'topology.7.status', true],
    ['topology.*.status', 'topology.7.8.status', false],
    ['topology.>', 'topology.7.status', true],
    ['topology.>', 'topology', false],
    ['>', 'a', true],
    ['*', 'a.b', false],
    ['a.b', 'a.b.c', false],
    ['a.b.c', 'a.b', false],
    ['ab', 'a', false],
    ['a', 'ab', false],
    ['*.>', 'a', false],
  ])('%s for %s: %s', (p, t, expected) => {
    expect(matches(p, t)).toBe(expected);
  });

  it('are well-formed where the page says so, and topics too', () => {
    fc.assert(fc.property(topic, (t) => isTopic(t) && isPattern(t)));
    fc.assert(fc.property(pattern, (p) => isPattern(p) && isTopic(p) === !/[*>]/.test(p)));
    for (const t of [
      '',
      '.',
      'a.',
      '.a',
      'a..b',
      'a b',
      'a\tb',
      'caf\u00e9',
      'a.*',
      '>',
      'a*',
      'a>b',
      'a\n',
      'x'.repeat(4001),
    ]) {
      expect([t, isTopic(t)]).toEqual([t, false]);
    }
    for (const p of ['', '.', 'a..>', '>.a', 'a.>.b', '>>', '**', 'a*', '*a.b', 'a.>b', ' ', '> ']) {
      expect([p, isPattern(p)]).toEqual([p, false]);
    }
    expect(isTopic("!#$%&'()+,-/0:;<=?@A[\\]^_`{|}~")).toBe(true);
  });

  it('have so many tokens and no more, as each may be looked at for each topic', () => {
    const tokens = (n: number) => Array<string>(n).fill('a').join('.');
    expect([
      isTopic(tokens(TOKENS_MAX)),
      isPattern(tokens(TOKENS_MAX)),
      isPattern(`${tokens(TOKENS_MAX - 1)}.>`),
    ]).toEqual([true, true, true]);
    expect([
      isTopic(tokens(TOKENS_MAX + 1)),
      isPattern(tokens(TOKENS_MAX + 1)),
      isPattern(`${tokens(TOKENS_MAX)}.>`),
    ]).toEqual([false, false, false]);
    expect(isPattern(tokens(TOKENS_MAX + 1).replaceAll('a', '*'))).toBe(false);
  });
});
