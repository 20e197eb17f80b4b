/** How one test ended. `missing`: it did not run at all, because nothing could be built or loaded, or no test has its title. */
export type Outcome =
  { readonly state: 'passed' | 'failed' | 'skipped' } | { readonly state: 'missing'; readonly why: string };

/** No test here takes a fraction of it; a mutant may hang. */
export const TIME_LIMIT_MS = 120_000;

/** A command's own words about what went wrong, cut to a few lines. */
export function lastWords(text: string): string {
  return text.trim().split('\n').slice(-5).join('\n');
}
