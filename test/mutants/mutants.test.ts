import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { applyEdits } from '../../scripts/mutants/apply-edits.js';
import { READER_MUTANTS } from './reader-mutants.js';
import { RECORDER_MUTANTS } from './recorder-mutants.js';

const CHECKOUT = join(import.meta.dirname, '..', '..');
const all = [...RECORDER_MUTANTS, ...READER_MUTANTS];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'decnet-mutants-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

// `npm run test:mutants` shows that their tests catch them; that takes a minute, and this does not.
test.each(all)('a mutant fits the code: $name', ({ edits }) => {
  for (const { file } of edits) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), readFileSync(join(CHECKOUT, file)));
  }
  const putBack = applyEdits(root, edits);
  for (const { file } of edits)
    expect(readFileSync(join(root, file), 'utf8')).not.toBe(readFileSync(join(CHECKOUT, file), 'utf8'));
  putBack();
  for (const { file } of edits)
    expect(readFileSync(join(root, file), 'utf8')).toBe(readFileSync(join(CHECKOUT, file), 'utf8'));
});

test('a mutant that fits no longer, or twice, is stale and changes nothing', () => {
  writeFileSync(join(root, 'a.c'), 'one two two');
  const stale = (from: string) => () =>
    applyEdits(root, [
      { file: 'a.c', from: 'one', to: '1' },
      { file: 'a.c', from, to: '' },
    ]);
  expect(stale('three')).toThrow('a.c has 0 times: three');
  expect(stale('two')).toThrow('a.c has 2 times: two');
  expect(readFileSync(join(root, 'a.c'), 'utf8')).toBe('one two two');
});
