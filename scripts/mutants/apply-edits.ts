import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Edit } from '../../test/mutants/mutant.js';

/**
 * Applies edits to the files below `root`; what it returns puts the files back. Throws, with nothing changed, where a text
 * does not stand in its file exactly once.
 */
export function applyEdits(root: string, edits: readonly Edit[]): () => void {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const path = join(root, file);
    const text = after.get(path) ?? readFileSync(path, 'utf8');
    const times = text.split(from).length - 1;
    if (times !== 1) throw new Error(`stale: ${file} has ${times} times: ${from.trim()}`);
    if (!before.has(path)) before.set(path, text);
    after.set(
      path,
      text.replace(from, () => to),
    );
  }
  for (const [path, text] of after) writeFileSync(path, text);
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}
