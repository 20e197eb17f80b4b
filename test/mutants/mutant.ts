import type { GroupName } from '../e2e/needs.js';

/** A bug on purpose, and the test that must notice it. */
export interface Mutant {
  /** What the bug is. */
  readonly name: string;
  /** Each text stands exactly once in its file: where it no longer does, the mutant is stale, and says so. */
  readonly edits: readonly Edit[];
  readonly caughtBy: CTest | TsTest;
}

export interface Edit {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** A test program of native/test, and its function's name in words. */
export interface CTest {
  readonly kind: 'c';
  readonly file: string;
  readonly title: string;
}

/** A vitest file and a test's title, or as much of it as no other title has. */
export interface TsTest {
  readonly kind: 'ts';
  readonly file: string;
  readonly title: string;
  /** The end-to-end group that it is in. */
  readonly group?: GroupName;
}
