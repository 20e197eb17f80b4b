import { describe, expect, it } from 'vitest';
import type { SessionHeader } from '../../src/contract/recorded-session.js';
import { toAsciicastV2 } from '../../src/transcript/asciicast-v2.js';
import { event } from './event.js';

const header: SessionHeader = {
  width: 100,
  height: 30,
  timestamp: 1795433706,
  env: { SHELL: '/bin/bash', TERM: 'xterm' },
  login: { format: 1, t0Ns: 0, service: 'ssh', user: 'root', srcIp: null, tty: 'pts/1' },
};

const castOf = (...args: Parameters<typeof toAsciicastV2>) =>
  toAsciicastV2(...args)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

describe('an asciicast v2', () => {
  it('has a header line, then output and resizes with their times', () => {
    const events = [event(0.041, 'o', '$ '), event(1, 'i', 'x'), event(2.5, 'r', '120x40'), event(3, 'c', 'ls')];
    expect(castOf({ header, events }, { title: 'a session' })).toEqual([
      { version: 2, width: 100, height: 30, timestamp: 1795433706, title: 'a session', env: header.env },
      [0.041, 'o', '$ '],
      [2.5, 'r', '120x40'],
    ]);
  });

  it('has sensible values where the header was lost', () => {
    expect(castOf({ header: null, events: [] })).toEqual([{ version: 2, width: 80, height: 24, env: {} }]);
  });

  it('has input on demand, concealed spans as one mark, and nothing of them at all or all of them if so told', () => {
    const events = [
      event(1, 'i', 'su\r'),
      event(2, 'i', 'hun', { noecho: true }),
      event(2.1, 'i', 'ter2\r', { hidden: true }),
      event(3, 'i', 'id\r'),
      event(4, 'i', 'x', { noecho: true }),
    ];
    const input = (concealed?: 'omit' | 'reveal') =>
      castOf({ header, events }, { input: true, ...(concealed && { concealed }) }).slice(1);
    expect(input()).toEqual([
      [1, 'i', 'su\r'],
      [2, 'i', '[hidden]'],
      [3, 'i', 'id\r'],
      [4, 'i', '[hidden]'],
    ]);
    expect(input('omit')).toEqual([
      [1, 'i', 'su\r'],
      [3, 'i', 'id\r'],
    ]);
    expect(input('reveal')).toHaveLength(5);
    expect(toAsciicastV2({ header, events })).not.toContain('hidden');
  });

  it('never goes back in time', () => {
    const events = [event(2, 'o', 'a'), event(1, 'o', 'b'), event(3, 'o', 'c')];
    expect(castOf({ header, events }).slice(1)).toEqual([
      [2, 'o', 'a'],
      [2, 'o', 'b'],
      [3, 'o', 'c'],
    ]);
  });

  it('shows a login without a terminal as a terminal would have: stderr too, lines from the left', () => {
    const bare = { ...header, login: header.login && { ...header.login, tty: null } };
    const events = [event(1, 'o', 'a\nb\r\n'), event(2, 'e', 'c\n')];
    expect(castOf({ header: bare, events }).slice(1)).toEqual([
      [1, 'o', 'a\r\nb\r\n'],
      [2, 'o', 'c\r\n'],
    ]);
    expect(castOf({ header, events: [event(1, 'o', 'a\n')] })[1]).toEqual([1, 'o', 'a\n']);
  });
});
