import { createSimilarIndex, type SimilarIndex } from '../correlate/similar-index.js';
import { COMPARED_CLASSES } from '../correlate/similar-rank.js';
import type { Tables } from '../store/open.js';

export interface RestoredSimilar {
  readonly index: SimilarIndex;
  /** Whose lists in the table are other than in the index: to be written with what comes next. */
  readonly dirty: Set<string>;
}

const ROWS_AT_ONCE = 5000;

/**
 * The index as it was when changes up to `changeSeq` had been taken in, from the tables. What came since is in it too,
 * to be put in again. `onPage` is called now and then. Throws E_STORE, E_STORE_BUSY.
 */
export async function restoreSimilar(
  { similarSessions }: Pick<Tables, 'similarSessions'>,
  changeSeq: number,
  onPage: () => void,
): Promise<RestoredSimilar> {
  const index = createSimilarIndex();
  for (let after = ''; ;) {
    const page = await similarSessions.hashes(after, COMPARED_CLASSES, ROWS_AT_ONCE);
    for (const { change_seq: seq, ...hashes } of page) index.restore(hashes, seq <= changeSeq);
    onPage();
    const last = page.at(-1);
    if (last === undefined) break;
    after = last.sid;
  }
  const dirty = new Set<string>();
  for (let after = { sid: '', other_sid: '' }; ;) {
    const page = await similarSessions.page(after, ROWS_AT_ONCE);
    for (const pair of page) if (!index.restorePair(pair)) dirty.add(pair.sid);
    onPage();
    const last = page.at(-1);
    if (last === undefined) break;
    after = last;
  }
  // Of a pair one has been pruned, or has changed since.
  for (const sid of dirty) index.rescan(sid);
  return { index, dirty };
}
