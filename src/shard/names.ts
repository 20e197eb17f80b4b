/** What a part's file name says. */
export interface PartName {
  /** UTC, `2026-04-24`. */
  readonly day: string;
  /** 0 = the day's first. */
  readonly n: number;
  /** Compressed (`.zst`): not readable yet. */
  readonly sealed: boolean;
}

const PART = /^sessions-(\d{4}-\d{2}-\d{2})(?:\.([1-9]\d{0,5}))?\.jsonl(\.zst)?$/;

/** The recorder stops counting here. */
const PART_NUMBER_MAX = 100_000;

/** A file name (no folder) as a part's; undefined for any other file. */
export function parsePartName(name: string): PartName | undefined {
  const match = PART.exec(name);
  if (match === null) return undefined;
  const [, day = '', number = '0', zst] = match;
  const n = Number(number);
  if (n > PART_NUMBER_MAX || !isCalendarDay(day)) return undefined;
  return { day, n, sealed: zst !== undefined };
}

export function formatPartName(part: { readonly day: string; readonly n: number; readonly sealed?: boolean }): string {
  const number = part.n === 0 ? '' : `.${String(part.n)}`;
  return `sessions-${part.day}${number}.jsonl${part.sealed === true ? '.zst' : ''}`;
}

/** Order of writing: by day, then by number (10 after 9). */
export function comparePartNames(a: Pick<PartName, 'day' | 'n'>, b: Pick<PartName, 'day' | 'n'>): number {
  if (a.day !== b.day) return a.day < b.day ? -1 : 1;
  return a.n - b.n;
}

function isCalendarDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
