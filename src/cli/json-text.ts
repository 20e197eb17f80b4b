/** Characters that JSON leaves as they are and a terminal acts on, or nobody sees: C1, DEL, bidi, no width, line separators. */
const UNSEEN = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** JSON of the same value in which such characters are written as `\u....`: for whoever's terminal it may come to. */
export function jsonText(value: unknown, indent?: number): string {
  return escapeJson(JSON.stringify(value, undefined, indent));
}

/** The same for text that is JSON already (in it, such characters stand only inside strings). */
export function escapeJson(json: string): string {
  return json.replace(UNSEEN, (character) =>
    Array.from({ length: character.length }, (_, at) => unitEscape(character.charCodeAt(at))).join(''),
  );
}

function unitEscape(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`;
}
