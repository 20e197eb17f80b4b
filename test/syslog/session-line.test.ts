import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLogLine, type LogStatement } from '../../src/syslog/format.js';
import { parseLogLine } from '../../src/syslog/parse.js';
import { readSessionLine, type SessionLine } from '../../src/syslog/session-line.js';

const sid = '0a1b2c3d-4e5f-4a6b-8c7d-8e9f00112233';
const sha256 = '9d'.repeat(32);
const shard = 'sessions-2026-11-23.1.jsonl';
const who = { service: 'ssh', src_ip: '203.0.113.9', user: 'root' };

type Params = Readonly<Record<string, string | null>>;

/** What each line of the recorder says, in the order of the page. */
const LINES: Readonly<Record<string, Params>> = {
  session_started: { sid, ...who, tty: 'pts/3', shard, protected: 'true' },
  session_recorded: {
    sid,
    service: 'ssh',
    src_ip: '203.0.113.9',
    duration_s: '5.120077',
    bytes: '6214',
    truncated: 'false',
    user: 'root',
    reason: 'exit',
    status: '3',
    signal: null,
    bytes_in: '40',
    bytes_out: '1822',
    lines: '57',
    sha256,
    shard,
  },
  session_checkpoint: { sid, lines: '31', bytes: '3120', sha256, shard },
  session_skipped: { reason: 'disk_pressure', ...who },
  session_exec: {
    sid,
    ...who,
    command: 'uname -a; cat "/etc/issue"',
    command_bytes: '27',
    command_sha256: sha256,
    duration_s: '0.004100',
    bytes_in: null,
    bytes_out: null,
    status: '0',
  },
};

function read(msgid: string, params: Params, more: Partial<LogStatement> = {}): SessionLine | undefined {
  const line = parseLogLine(formatLogLine({ timeUs: 0, msgid, params: Object.entries(params), ...more }));
  return line && readSessionLine(line);
}

const change = (msgid: string, changes: Record<string, string | null | undefined>): SessionLine | undefined => {
  const all = Object.entries({ ...LINES[msgid], ...changes });
  return read(
    msgid,
    Object.fromEntries(all.filter((entry): entry is [string, string | null] => entry[1] !== undefined)),
  );
};

describe('a line of the recorder', () => {
  it('is read field by field', () => {
    expect(change('session_started', {})).toEqual({
      msgid: 'session_started',
      sid,
      ...who,
      tty: 'pts/3',
      shard,
      protected: true,
    });
    expect(change('session_recorded', { spooled: '2' })).toEqual({
      msgid: 'session_recorded',
      sid,
      ...who,
      duration_s: 5.120077,
      bytes: 6214,
      truncated: false,
      reason: 'exit',
      status: 3,
      signal: null,
      bytes_in: 40,
      bytes_out: 1822,
      lines: 57,
      sha256,
      shard,
      spooled: 2,
    });
    expect(change('session_checkpoint', {})).toEqual({
      msgid: 'session_checkpoint',
      sid,
      lines: 31,
      bytes: 3120,
      sha256,
      shard,
    });
    expect(change('session_skipped', {})).toEqual({ msgid: 'session_skipped', reason: 'disk_pressure', ...who });
    expect(change('session_exec', {})).toEqual({
      msgid: 'session_exec',
      sid,
      ...who,
      command: 'uname -a; cat "/etc/issue"',
      command_bytes: 27,
      command_sha256: sha256,
      duration_s: 0.0041,
      bytes_in: null,
      bytes_out: null,
      status: 0,
      signal: null,
    });
  });

  it('may leave open what the recorder cannot always know', () => {
    expect(change('session_started', { src_ip: null, tty: null, user: null })).toMatchObject({
      src_ip: null,
      tty: null,
    });
    expect(change('session_recorded', { status: null, signal: 'RTMIN+3', reason: 'signal' })).toMatchObject({
      status: null,
      signal: 'RTMIN+3',
      spooled: 0,
    });
    expect(change('session_exec', { status: null, signal: 'KILL' })).toMatchObject({ signal: 'KILL' });
    expect(change('session_exec', { command: '-' })).toMatchObject({ command: '-' });
    expect(change('session_started', { newer: 'x' })).toMatchObject({ sid });
  });

  it('has the fields that the page says, in that order', () => {
    const page = readFileSync('docs/log-lines.md', 'utf8');
    for (const [msgid, params] of Object.entries(LINES))
      expect(page).toMatch(new RegExp(`\\| \`${msgid}\` +\\| \`${Object.keys(params).join(' ')}\`(?:, and |  )`));
  });

  it.each(Object.entries(LINES))('is none without any one of its fields: %s', (msgid, params) => {
    for (const name of Object.keys(params))
      expect([name, change(msgid, { [name]: undefined })]).toEqual([name, undefined]);
  });

  it.each([
    ['session_started', 'sid', sid.toUpperCase()],
    ['session_started', 'sid', sid.replace('-4a', '-1a')],
    ['session_started', 'sid', sid.replace('-8c', '-cc')],
    ['session_started', 'sid', `${sid}0`],
    ['session_started', 'sid', null],
    ['session_started', 'service', '../etc'],
    ['session_started', 'service', null],
    ['session_started', 'src_ip', 'caller.example'],
    ['session_started', 'src_ip', '203.0.113.9 '],
    ['session_started', 'user', 'x'.repeat(257)],
    ['session_started', 'shard', 'sessions-2026-11-23.jsonl.zst'],
    ['session_started', 'shard', '../sessions-2026-11-23.jsonl'],
    ['session_started', 'shard', 'sessions-2026-11-23.01.jsonl'],
    ['session_started', 'protected', 'yes'],
    ['session_recorded', 'reason', 'bored'],
    ['session_recorded', 'status', '256'],
    ['session_recorded', 'status', '-1'],
    ['session_recorded', 'signal', 'kill'],
    ['session_recorded', 'duration_s', '5'],
    ['session_recorded', 'duration_s', '-5.000000'],
    ['session_recorded', 'duration_s', '1e99999'],
    ['session_recorded', 'bytes', '0x10'],
    ['session_recorded', 'bytes', ''],
    ['session_recorded', 'lines', '9'.repeat(16)],
    ['session_recorded', 'lines', '1.5'],
    ['session_recorded', 'sha256', sha256.toUpperCase()],
    ['session_recorded', 'sha256', sha256.slice(1)],
    ['session_skipped', 'reason', 'a reason'],
    ['session_exec', 'command_bytes', null],
  ])('is none of %s whose %s is %j', (msgid, name, value) => {
    expect(change(msgid, { [name]: value })).toBeUndefined();
  });

  it('is none from another program, with a message, a second element, or a field twice', () => {
    const params = LINES['session_started'] ?? {};
    const text = formatLogLine({ timeUs: 0, msgid: 'session_started', params: Object.entries(params) }).trim();
    const says = (changed: string): SessionLine | undefined => {
      const line = parseLogLine(changed);
      return line && readSessionLine(line);
    };
    expect(says(text)).toMatchObject({ sid });
    expect(says(text.replace('sessrec', 'sshd'))).toBeUndefined();
    expect(says(`${text} more`)).toBeUndefined();
    expect(says(`${text}[x]`)).toBeUndefined();
    expect(says(text.replace(/(\[.*\])/, '$1$1'))).toBeUndefined();
    expect(says(text.replace('relay@55555', 'relay@1'))).toBeUndefined();
    expect(says(text.replace(' sid=', ' user="root" sid='))).toBeUndefined();
    expect(says(text.replace('session_started', 'session_stopped'))).toBeUndefined();
    expect(says(text.replace('session_started', 'constructor'))).toBeUndefined();
  });

  it('is of its shape or none, whatever its values are', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.constantFrom('-', '0', sid, 'true', '1.000000'),
    );
    const names = [...new Set(Object.values(LINES).flatMap((params) => Object.keys(params)))];
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(LINES)),
        fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }),
        (msgid, changes) => {
          const line = change(msgid, changes);
          for (const field of Object.values(line ?? {}))
            if (typeof field === 'number') expect(Number.isFinite(field) && field >= 0).toBe(true);
        },
      ),
    );
  });
});
