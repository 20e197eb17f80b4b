import { z } from 'zod';

const bits = z.int().min(0).max(64).nullable();

/**
 * Two sessions whose profiles have hashes near each other. Similar, no more: no error rate is known, and it is not said
 * that one person typed both. docs/attackers.md.
 */
export const similarSession = z.strictObject({
  sid: z.string(),
  other_sid: z.string(),
  /** Bits of 64 that differ; null = one of the two has no such hash. */
  rhythm_distance: bits,
  vocabulary_distance: bits,
});
export type SimilarSession = z.infer<typeof similarSession>;
