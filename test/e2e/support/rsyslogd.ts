import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { findProgram } from '../groups.js';
import { freePort } from './free-port.js';

/** What rsyslogd made of one line. */
export interface ParsedByRsyslog {
  readonly pri: string;
  readonly timestamp: string;
  readonly host: string;
  readonly app: string;
  readonly procid: string;
  readonly msgid: string;
  readonly message: string;
  /** Its module mmpstrucdata's reading of the structured data: element, parameter, value. */
  readonly data: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Rsyslogd {
  /** Sends bytes as a forwarder does (TCP, a line each), and resolves with what came of the `count` messages in them. */
  parse(bytes: string | Buffer, count: number): Promise<ParsedByRsyslog[]>;
  close(): Promise<void>;
}

const TAB = '\\t';
const FIELDS = ['pri', 'timestamp:::date-rfc3339', 'hostname', 'app-name', 'procid', 'msgid', 'msg', '$!'];

/** A private rsyslogd that listens on loopback and writes what it understood, a line each. */
export async function startRsyslogd(): Promise<Rsyslogd> {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-rsyslog-'));
  const port = await freePort();
  const out = join(folder, 'out');
  const config = `
global(workDirectory="${folder}" maxMessageSize="8k" parser.escapeControlCharactersOnReceive="off")
module(load="imtcp")
module(load="mmpstrucdata")
template(name="fields" type="string" string="${FIELDS.map((field) => `%${field}%`).join(TAB)}\\n")
ruleset(name="all" parser="rsyslog.rfc5424") {
  action(type="mmpstrucdata")
  action(type="omfile" file="${out}" template="fields" asyncWriting="off" flushOnTXEnd="on")
}
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="all")
`;
  writeFileSync(out, '');
  writeFileSync(join(folder, 'conf'), config);
  const words = ['-n', '-f', join(folder, 'conf'), '-i', join(folder, 'pid')];
  const child = spawn(findProgram('rsyslogd') ?? 'rsyslogd', words, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit');

  async function close(): Promise<void> {
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  }

  function results(): ParsedByRsyslog[] {
    const lines = readFileSync(out, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => {
      const [pri = '', timestamp = '', host = '', app = '', procid = '', msgid = '', message = '', tree = ''] =
        line.split('\t');
      const read = JSON.parse(tree) as { 'rfc5424-sd': ParsedByRsyslog['data'] };
      return { pri, timestamp, host, app, procid, msgid, message, data: read['rfc5424-sd'] };
    });
  }

  return {
    close,
    async parse(bytes, count) {
      const before = results().length;
      const socket = await vi.waitFor(
        async () => {
          const attempt = connect(port, '127.0.0.1');
          await once(attempt, 'connect');
          return attempt;
        },
        { timeout: 5000, interval: 20 },
      );
      socket.end(bytes);
      return vi.waitFor(
        () => {
          const all = results().slice(before);
          if (all.length < count) throw new Error(`rsyslogd has ${all.length} of ${count} messages; it said: ${said}`);
          return all;
        },
        { timeout: 5000, interval: 20 },
      );
    },
  };
}
