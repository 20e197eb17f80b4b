import type { LineRange, SessionPart } from '../contract/session-row.js';

/** What is known of a part's lines, with more of them. Where some lines are not known to be, the range is not known. */
export function joinPart(before: SessionPart | undefined, more: SessionPart): SessionPart {
  if (before === undefined || before.lines === 0) return more;
  const both = { name: more.name, lines: before.lines + more.lines };
  if (before.range === undefined || more.range === undefined) return both;
  return { ...both, range: joinRange(before.range, more.range) };
}

function joinRange(a: LineRange, b: LineRange): LineRange {
  const { from_byte, from_line } = a.from_byte <= b.from_byte ? a : b;
  return { from_byte, from_line, to_byte: Math.max(a.to_byte, b.to_byte) };
}
