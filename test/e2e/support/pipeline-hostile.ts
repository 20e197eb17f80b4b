import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelineDecky } from './pipeline-decky.js';
import type { PipelinePlace } from './pipeline.js';
import { malformedLines } from './pipeline-malformed.js';

const ZEROS = '0'.repeat(64);

/** What whoever is root in a decky can do to its own stream and its own transcripts. */
export interface HostileDecky {
  /** Puts links, FIFOs, directories and sparse files where parts and spools are looked for; some point at `victim`'s. */
  squat(victim: PipelineDecky): void;
  /** Claims a session of somebody else: in its shard and in its log, under the other's name. */
  claim(sid: string, victim: string): void;
  /** A session of its own that contradicts itself: two ends, and an anchor that fits neither. */
  contradict(sid: string): void;
  /** Every line that is none. */
  babble(): void;
  /** So many bytes of well-formed lines with another's HOST, as fast as the disk takes them. */
  flood(bytes: number): Promise<void>;
}

export function hostileDecky(place: PipelinePlace, decky: PipelineDecky): HostileDecky {
  const { logPath, name } = decky;
  const transcripts = decky.transcripts('ssh');
  const day = new Date().toISOString().slice(0, 10);
  const shard = join(transcripts, `sessions-${day}.jsonl`);
  const log = (host: string, msgid: string, params: Readonly<Record<string, string>>): void => {
    const list = Object.entries(params).map(([key, value]) => ` ${key}="${value}"`);
    appendFileSync(logPath, `<134>1 ${isoTime()} ${host} sessrec - ${msgid} [relay@55555${list.join('')}]\n`);
  };
  const write = (line: object): void => {
    appendFileSync(shard, `${JSON.stringify(line)}\n`);
  };
  const recorded = (sid: string, service: string) => ({
    ...{
      sid,
      service,
      src_ip: '203.0.113.66',
      duration_s: '1.000000',
      bytes: '10',
      truncated: 'false',
      user: 'mallory',
    },
    ...{ reason: 'exit', status: '66', signal: '-', bytes_in: '1', bytes_out: '1', lines: '2', sha256: ZEROS },
    shard: `sessions-${day}.jsonl`,
  });

  return {
    squat(victim) {
      const theirs = join(victim.transcripts('ssh'), `sessions-${day}.jsonl`);
      const at = (file: string): string => join(transcripts, file);
      symlinkSync(theirs, at(`sessions-${day}.1.jsonl`));
      execFileSync('mkfifo', [at(`sessions-${day}.2.jsonl`), at('log-spool.rfc5424')]);
      mkdirSync(at(`sessions-${day}.3.jsonl`));
      const sparse = openSync(at(`sessions-${day}.4.jsonl`), 'w');
      ftruncateSync(sparse, 512 * 1024 * 1024);
      closeSync(sparse);
      appendFileSync(at('sessions-9999-12-31.99999999999.jsonl'), 'x\n');
      appendFileSync(at('sessions-2026-02-31.jsonl'), '{"sid":"\n');
      const here = (...words: string[]): string => join(place.artifactsDir, name, ...words);
      symlinkSync(join(place.artifactsDir, victim.name, 'ssh'), here('http'));
      mkdirSync(here('ftp'));
      symlinkSync(victim.transcripts('ssh'), here('ftp', 'transcripts'));
      mkdirSync(here('telnet', 'transcripts'), { recursive: true });
      symlinkSync(victim.logPath, here('telnet', 'transcripts', 'log-spool.rfc5424'));
    },
    claim(sid, victim) {
      log(victim, 'session_started', {
        ...{ sid, service: 'ssh', src_ip: '203.0.113.66', user: 'mallory', tty: '-', shard: 'x', protected: 'true' },
      });
      const login = { format: 1, t0_ns: 1, service: 'ssh', user: 'mallory', src_ip: '203.0.113.66', tty: null };
      write({ sid, hdr: { version: 2, width: 80, height: 24, timestamp: 1, env: {}, login } });
      write({ sid, t: 0.5, ch: 'i', d: 'rm -rf /' });
      write({ sid, t: 1, end: end(2) });
      log(victim, 'session_checkpoint', {
        sid,
        lines: '1',
        bytes: '10',
        sha256: ZEROS,
        shard: `sessions-${day}.jsonl`,
      });
      log(victim, 'session_recorded', recorded(sid, 'ssh'));
      log(victim, 'session_exec', {
        ...{ sid, service: 'ssh', src_ip: '203.0.113.66', user: 'mallory', command: 'id', command_bytes: '2' },
        ...{ command_sha256: ZEROS, duration_s: '1.0', bytes_in: '-', bytes_out: '-', status: '66' },
      });
    },
    contradict(sid) {
      const login = { format: 1, t0_ns: Date.now() * 1e6, service: 'ssh', user: 'root', src_ip: null, tty: 'pts/0' };
      write({ sid, hdr: { version: 2, width: 80, height: 24, timestamp: 1, env: {}, login } });
      write({ sid, t: 0.5, ch: 'o', d: 'x' });
      write({ sid, t: 1, end: end(2) });
      write({ sid, t: 2, end: { ...end(3), reason: 'hangup' } });
      log(name, 'session_recorded', recorded(sid, 'ssh'));
    },
    babble() {
      for (const line of malformedLines()) appendFileSync(logPath, line);
      appendFileSync(shard, Buffer.concat([randomBytes(4 * 1024 * 1024), Buffer.from('\n')]));
      appendFileSync(shard, `{"sid":"0a1b2c3d-4e5f-4a6b-8c7d-8e9f00112233","t":1,"x":${'['.repeat(4000)}\n`.repeat(50));
      appendFileSync(shard, `{"sid":"not a sid","t":1}\n`.repeat(1000));
    },
    async flood(bytes) {
      const line = `<134>1 ${isoTime()} omega sessrec - session_started [relay@55555 sid="x" service="ssh"] flood\n`;
      const block = Buffer.from(line.repeat(Math.ceil((2 * 1024 * 1024) / line.length)));
      for (let left = bytes; left > 0; left -= block.length) {
        await appendFile(logPath, block);
        await sleep(5);
      }
    },
  };
}

function end(lines: number): object {
  const counts = { bytes_in: 1, bytes_out: 1, undelivered: 0, lines };
  return { reason: 'exit', status: 66, signal: null, ...counts, sha256: ZEROS };
}

function isoTime(): string {
  return new Date().toISOString().replace('Z', '000+00:00');
}
