import type { EchoEffort } from './echo-effort.js';

export interface TypedIndex {
  /** The first of the characters from `from` and before `to` that the text has at `at`. */
  find(text: string, at: number, from: number, to: number): number | undefined;
}

/** Where each character of a line was typed: output is not compared with everything that waits. `chars` may grow. */
export function createTypedIndex(chars: readonly { readonly char: string }[], effort: EchoEffort): TypedIndex {
  /** By the first code unit, ascending. */
  const places = new Map<number, number[]>();
  let known = 0;

  function learn(): void {
    for (; known < chars.length; known++) {
      const code = chars[known]?.char.charCodeAt(0) ?? 0;
      const list = places.get(code);
      if (list === undefined) places.set(code, [known]);
      else list.push(known);
    }
  }

  return {
    find(text, at, from, to) {
      if (known < chars.length) learn();
      effort.spent++;
      const list = places.get(text.charCodeAt(at));
      if (list === undefined) return undefined;
      for (let i = firstFrom(list, from); ; i++) {
        const index = list[i];
        if (index === undefined || index >= to) return undefined;
        effort.spent++;
        if (text.startsWith(chars[index]?.char ?? '\n', at)) return index;
      }
    },
  };
}

/** The first place in the list with a number of `from` or more. */
function firstFrom(list: readonly number[], from: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle] ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}
