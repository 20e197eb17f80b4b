import type { Terminal, TerminalOptions } from './terminal-types.js';

export type {
  Terminal,
  TerminalExit,
  TerminalOptions,
  TerminalTypeOptions,
  TerminalWaitOptions,
} from './terminal-types.js';

/**
 * Starts a program on a terminal of its own and plays the client at the far end.
 * @throws DecnetError E_NATIVE_MISSING without the addon; a native error (`code`, `errno`, `syscall`) when it cannot start.
 */
export function openTerminal(_options: TerminalOptions): Terminal {
  throw new Error('openTerminal is not there yet');
}
