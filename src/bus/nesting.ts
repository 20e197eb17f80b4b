const [QUOTE, BACKSLASH, LIST, LIST_END, OBJECT, OBJECT_END] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d];

/** Whether objects and lists stand within each other more than `max` deep in what should be JSON. */
export function isNestedDeeper(json: Uint8Array, max: number): boolean {
  // Each takes two brackets.
  if (json.length <= 2 * max) return false;
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at];
    if (isText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if (byte === LIST || byte === OBJECT) {
      if (++depth > max) return true;
    } else if (byte === LIST_END || byte === OBJECT_END) depth--;
  }
  return false;
}
