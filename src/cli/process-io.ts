import { homedir, hostname, userInfo } from 'node:os';
import { basename, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliInput, CliIo, CliOutput } from './io.js';

/** This process's own terminal, environment and clock. */
export function processIo(): CliIo {
  return {
    program: programName(process.argv[1] ?? ''),
    stdin: processInput(),
    stdout: processOutput(process.stdout),
    stderr: processOutput(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    caller: { uid: process.getuid?.() ?? -1, userName: userName(), homeDir: homedir() },
    hostName: hostname(),
    now: Date.now,
    wait: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined),
    interruption() {
      const controller = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
        process.once(signal, () => {
          controller.abort();
        });
      }
      return controller.signal;
    },
    onStray(listener) {
      process.on('unhandledRejection', listener).on('uncaughtException', listener);
      return () => {
        process.off('unhandledRejection', listener).off('uncaughtException', listener);
      };
    },
    exit: (status) => process.exit(status),
  };
}

function processOutput(stream: NodeJS.WriteStream): CliOutput {
  return {
    write: (text) => stream.write(text),
    isTTY: isTerminal(stream),
    get columns() {
      return isTerminal(stream) ? stream.columns : undefined;
    },
  };
}

/** Node leaves the property out where there is no terminal; its types do not say so. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

function processInput(): CliInput {
  return {
    isTTY: isTerminal(process.stdin),
    readKeys(onKey) {
      const listener = (chunk: Buffer): void => {
        onKey(chunk.toString('utf8'));
      };
      process.stdin.setRawMode(true);
      process.stdin.on('data', listener);
      process.stdin.resume();
      return () => {
        process.stdin.off('data', listener);
        process.stdin.setRawMode(false);
        process.stdin.pause();
      };
    },
  };
}

/** Installed, its link is named `decnet`; from a clone the script is named. */
function programName(script: string): string {
  return basename(script) === 'main.js' ? `node ${relative(process.cwd(), script)}` : 'decnet';
}

/** A uid without an entry in passwd has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '';
  }
}
