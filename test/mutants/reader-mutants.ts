import type { Mutant } from './mutant.js';

/** What the readers of a recording must not do, each with the test that stands against it. */
export const READER_MUTANTS: readonly Mutant[] = [
  {
    name: 'intervals are taken over what was typed without echo',
    edits: [
      {
        file: 'src/keystroke/read-intervals.ts',
        from: `      from = undefined;
      continue;`,
        to: '      continue;',
      },
    ],
    caughtBy: {
      kind: 'ts',
      file: 'test/keystroke/profile.test.ts',
      title: 'a no-echo span breaks the chain at both ends and none of its times count',
    },
  },
  {
    name: 'what answers a password prompt is not hidden',
    edits: [{ file: 'src/keystroke/hidden.ts', from: 'line.secret = true;', to: 'line.secret = false;' }],
    caughtBy: {
      kind: 'ts',
      file: 'test/keystroke/hidden.test.ts',
      title: 'without a terminal nothing is echoed and nothing is hidden, but the answer to a password prompt is',
    },
  },
  {
    name: 'a profile keeps digraphs of concealed keys',
    edits: [
      {
        file: 'src/keystroke/public-typing.ts',
        from: "stroke.key === 'char' && !stroke.concealed ?",
        to: "stroke.key === 'char' ?",
      },
    ],
    caughtBy: {
      kind: 'ts',
      file: 'test/keystroke/content-columns.test.ts',
      title: 'what is typed at a no-echo prompt, or pasted, leaves none',
    },
  },
  {
    name: 'a profile keeps words that are not public',
    edits: [{ file: 'src/keystroke/public-typing.ts', from: 'if (!PUBLIC_WORDS.has(word)) continue;', to: '' }],
    caughtBy: {
      kind: 'ts',
      file: 'test/keystroke/content-columns.test.ts',
      title: 'a dictionary attack decides nothing',
    },
  },
  {
    name: 'rows are taken in although their cursor was moved by another',
    edits: [
      {
        file: 'src/services/ingest-lines.ts',
        from: 'if (!(await tables.shardCursors.move(previous, next))) throw new TakenByAnother();',
        to: 'await tables.shardCursors.move(previous, next);',
      },
    ],
    caughtBy: {
      kind: 'ts',
      file: 'test/services/ingest.test.ts',
      title: 'takes every line in once when two ingesters read the same',
    },
  },
  {
    name: 'a recording is intact if its line count is right',
    edits: [
      {
        file: 'src/shard/verify.ts',
        from: 'seen.lines === seen.end.lines && seen.sha256 === seen.end.sha256',
        to: 'seen.lines === seen.end.lines',
      },
    ],
    caughtBy: { kind: 'ts', file: 'test/shard/verify.test.ts', title: 'finds every flipped byte before the end line' },
  },
];
