import type { CliOutput } from './io.js';

export interface Progress {
  show(text: string): void;
  /** Takes the line away again. */
  clear(): void;
}

/** One line that changes in place on a terminal; nothing at all in a pipe. */
export function createProgress(output: CliOutput): Progress {
  let shown = false;
  return {
    show(text) {
      if (!output.isTTY) return;
      shown = true;
      output.write(`\r${text.slice(0, (output.columns ?? 80) - 1)}\u001b[K`);
    },
    clear() {
      if (shown) output.write('\r\u001b[K');
      shown = false;
    },
  };
}
