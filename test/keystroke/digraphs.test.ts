import { expect, test } from 'vitest';
import { listDigraphs } from '../../src/keystroke/digraphs.js';
import { createTape, readFixture } from './typing.js';

test('the session that motivated it has its published digraphs', () => {
  const found = listDigraphs(readFixture('wget-scanme.jsonl'));
  expect(found).toContainEqual({ from: 'g', to: 'e', count: 1, mean_ms: 79 });
  expect(found).toContainEqual({ from: 't', to: ' ', count: 1, mean_ms: 83 });
  expect(found[0]).toEqual({ from: 'n', to: 'm', count: 2, mean_ms: 97 });
});

test('concealed keys, pastes and keys without a character are in no digraph, nor is a pause', () => {
  const tape = createTape()
    .type('ab\x7f', () => 100)
    .type('\r', () => 100)
    .blind('secret\r', () => 100)
    .wait(3000);
  tape
    .key('pasted at once')
    .wait(1000)
    .type('cd', () => 1600);
  expect(listDigraphs(tape.session())).toEqual([{ from: 'a', to: 'b', count: 1, mean_ms: 100 }]);
});

test('digraphs are in order of their count, then their text', () => {
  const found = listDigraphs(
    createTape()
      .type('abcabx', () => 80)
      .session(),
  );
  expect(found.map(({ from, to }) => from + to)).toEqual(['ab', 'bc', 'bx', 'ca']);
});
