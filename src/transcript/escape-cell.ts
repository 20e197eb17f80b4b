/**
 * C0, DEL, C1; characters that turn the direction of text; those without width that can hide or split words; line and
 * paragraph separators; tags; lone surrogates; private use stays.
 */
const UNSAFE =
  // eslint-disable-next-line no-misleading-character-class -- each is meant by itself
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e0fff}\p{Surrogate}]/gu;
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };

/** Text for one cell of a table: on one line, and nothing in it that a terminal acts on or that cannot be seen. */
export function escapeCell(text: string): string {
  return text.replace(UNSAFE, visible);
}

/** Only bidi controls made visible: for text that is drawn as it is. */
export function visibleBidi(text: string): string {
  return text.replace(BIDI, visible);
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0x9f) return SHORT[character] ?? `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}
