import { fchmodSync, fchownSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NativeAddon, NativeChild } from './addon-types.js';
import { loadAddon } from './load-addon.js';
import { TerminalOutput } from './terminal-output.js';
import { createTerminalStream, type TerminalStream } from './terminal-stream.js';
import { keySchedule, sendOnSchedule, splitKeys } from './terminal-typing.js';
import type { Terminal, TerminalOptions } from './terminal-types.js';

export type { Terminal, TerminalExit, TerminalOptions, TerminalTypeOptions, TerminalWaitOptions } from './terminal-types.js';

const DEFAULT_WAIT_MS = 5000;
const DEFAULT_GRACE_MS = 1000;

/** The client's side, and what the program gets as fds 0-2 (closed here once it has them). */
interface Line {
  readonly name: string | null;
  /** The pty's master, or the three client ends of pipes. */
  readonly mine: readonly number[];
  readonly stdio: readonly [number, number, number];
}

/**
 * Starts a program on a terminal of its own and plays the client at the far end.
 * @throws DecnetError E_NATIVE_MISSING without the addon; NativeError (`code`, `errno`, `syscall`) when it cannot start.
 */
export function openTerminal(options: TerminalOptions): Terminal {
  const addon = loadAddon();
  const line = options.pty === false ? openPipes(addon) : openPty(addon, options);
  try {
    return createTerminal(addon, line, start(addon, line, options));
  } catch (error) {
    for (const fd of line.mine) addon.closeFd(fd);
    throw error;
  } finally {
    for (const fd of new Set(line.stdio)) addon.closeFd(fd);
  }
}

function openPty(addon: NativeAddon, options: TerminalOptions): Line {
  const pty = addon.openPty({ cols: options.cols ?? 80, rows: options.rows ?? 24 });
  if (options.uid !== undefined) {
    // As sshd gives a login its tty: the user's own, writable by nobody else.
    fchownSync(pty.slave, options.uid, options.gid ?? process.getgid?.() ?? 0);
    fchmodSync(pty.slave, 0o600);
  }
  return { name: pty.name, mine: [pty.master], stdio: [pty.slave, pty.slave, pty.slave] };
}

function openPipes(addon: NativeAddon): Line {
  const [input, output, errors] = [addon.openPipe(), addon.openPipe(), addon.openPipe()];
  return {
    name: null,
    mine: [input.write, output.read, errors.read],
    stdio: [input.read, output.write, errors.write],
  };
}

function start(addon: NativeAddon, line: Line, options: TerminalOptions): NativeChild {
  const env = Object.entries(options.env ?? process.env);
  return addon.spawn({
    file: options.file,
    argv: options.argv ?? [options.file],
    env: env.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`])),
    cwd: options.cwd,
    stdio: line.stdio,
    newSession: true,
    ctty: line.name !== null,
    uid: options.uid,
    gid: options.gid,
    groups: options.groups,
  });
}

function createTerminal(addon: NativeAddon, line: Line, child: NativeChild): Terminal {
  const out = new TerminalOutput();
  const err = new TerminalOutput();
  const onPty = line.name !== null;
  const open = (fd: number, reads: boolean, into?: TerminalOutput): TerminalStream =>
    createTerminalStream({ addon, fd, reads, ...(into && { onBytes: (bytes: Buffer) => into.push(bytes) }) });
  const [first = -1, second = -1, third = -1] = line.mine;
  const input = open(first, onPty, out);
  const readers = onPty ? [input] : [open(second, true, out), open(third, true, err)];
  const streams = new Set([input, ...readers]);
  let hungUp = false;

  const closed = Promise.all(readers.map((reader) => reader.ended)).then(() => {
    out.end();
    err.end();
  });
  const exited = child.exited.then((exit) => {
    for (const reader of readers) reader.drain();
    return exit;
  });
  function hangup(): void {
    hungUp = true;
    for (const stream of streams) stream.close();
  }

  return {
    pid: child.pid,
    name: line.name,
    exited,
    closed,
    hangup,
    output: () => out.bytes(),
    errorOutput: () => err.bytes(),
    flushed: () => input.flushed(),
    write: (bytes) => {
      input.write(Buffer.from(bytes as Uint8Array));
    },
    type(text, { gapsMs = 0 } = {}) {
      const keys = splitKeys(text);
      return sendOnSchedule(keys, keySchedule(keys.length, gapsMs), (key) => {
        input.write(Buffer.from(key));
      });
    },
    waitFor: (pattern, { timeoutMs = DEFAULT_WAIT_MS, stream = 'out' } = {}) =>
      (stream === 'err' ? err : out).waitFor(pattern, timeoutMs),
    resize(cols, rows) {
      if (!onPty) throw new Error('there is no terminal to resize: pty is false');
      if (!hungUp) addon.setSize(first, cols, rows);
    },
    pause() {
      for (const reader of readers) reader.pause();
    },
    resume() {
      for (const reader of readers) reader.resume();
    },
    endInput() {
      if (onPty) throw new Error("a terminal's input has no end of its own: write '\\x04', or hangup()");
      input.finish();
    },
    kill(signal) {
      child.kill(constants.signals[signal]);
    },
    async close({ graceMs = DEFAULT_GRACE_MS } = {}) {
      hangup();
      const timer = new AbortController();
      const late = sleep(graceMs, 'late', { signal: timer.signal }).catch(() => 'ended');
      if ((await Promise.race([exited, late])) === 'late') child.kill(constants.signals.SIGKILL);
      timer.abort();
      await exited;
      await closed;
    },
  };
}
