import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logTimeUs } from '../../src/syslog/log-line.js';
import { readLogText } from '../../src/syslog/read-log-text.js';

const nothing = { timestamp: null, host: null, procid: null, msgid: null, data: [] };

describe('reading a line of any form', () => {
  it('takes an RFC 5424 line for what it is, BOM and CRLF or not', () => {
    const says = { form: 'rfc5424', facility: 16, severity: 6, app: 'a', message: 'hi' };
    for (const text of ['<134>1 - h a - m - hi', '\ufeff<134>1 - h a - m - hi\r\n'])
      expect(readLogText(text)).toMatchObject(says);
  });

  it.each([
    ['<38>Nov 23 11:35:07 decky-1 sshd[123]: hello', 4, 6, 'decky-1'],
    ['Nov 23 11:35:07 decky-1 sshd[123]: hello', 1, 5, 'decky-1'],
    ['Nov  3 11:35:07 decky-1 sshd[123]: hello\n', 1, 5, 'decky-1'],
    ['<38>Nov 23 11:35:07 sshd[123]: hello', 4, 6, null],
    ['<38>sshd[123]: hello', 4, 6, null],
    ['<38>2001:db8::7 sshd[123]: hello', 4, 6, '2001:db8::7'],
  ])('takes the BSD form apart: %j', (text, facility, severity, host) => {
    // The BSD form's time has neither year nor zone.
    const says = { ...nothing, form: 'bsd', facility, severity, host, app: 'sshd', procid: '123', message: 'hello' };
    expect(readLogText(text)).toEqual(says);
  });

  it('takes the form of today’s log files apart, with its time', () => {
    const line = readLogText('2026-11-23T11:35:07.627773+00:00 decky-1 CRON[9]: (root) CMD (x)');
    expect(line).toMatchObject({ form: 'iso', host: 'decky-1', app: 'CRON', procid: '9', message: '(root) CMD (x)' });
    expect(line && logTimeUs(line)).toBe(1795433707627773);
    expect(readLogText('<86>2026-11-23T11:35:07Z h postfix/smtpd: : x')).toMatchObject({
      form: 'iso',
      facility: 10,
      app: 'postfix/smtpd',
      procid: null,
      message: ': x',
    });
  });

  it('does not take the beginning of a message for a host or a program', () => {
    expect(readLogText('<85>Nov 23 16:03:30 login[5]: pam_unix(login:auth): x')).toMatchObject({
      host: null,
      app: 'login',
      message: 'pam_unix(login:auth): x',
    });
    expect(readLogText('<38>Nov 23 16:03:30 sshd[5]: error: PAM: x')).toMatchObject({
      app: 'sshd',
      message: 'error: PAM: x',
    });
  });

  it.each([
    ['Server listening on 127.0.0.1 port 38222.', 'sshd'],
    ['error: maximum authentication attempts exceeded for root from 127.0.0.1 port 48762 ssh2 [preauth]', 'sshd'],
    ['Accepted publickey for ada from 127.0.0.1 port 5 ssh2: ED25519 SHA256:x', 'sshd'],
    ['fatal: Timeout before authentication for 203.0.113.9 port 5', 'sshd'],
    ["TOO MANY LOGIN TRIES (5) on '/dev/pts/0' from '203.0.113.9' FOR 'UNKNOWN'", 'login'],
    ['pam_unix(login:auth): check pass; user unknown', 'login'],
    ['pam_unix(sshd:auth): check pass; user unknown', 'sshd'],
  ])('knows a daemon by its words: %j', (text, app) => {
    expect(readLogText(`${text}\r\n`)).toEqual({
      ...nothing,
      form: 'plain',
      facility: 1,
      severity: 5,
      app,
      message: text,
    });
  });

  it.each([
    '',
    ' ',
    'hello',
    'Failed password for root',
    'Failed to start',
    'Connection closed by peer',
    'x Failed password for root from 127.0.0.1 port 5 ssh2',
    '<192>Nov 23 11:35:07 h a: x',
    '<38>Nov 23 11:35:07 h nothing more',
    'Nov 32 11:35:07 h a: x',
    'nov 23 11:35:07 h a: x',
    'h a[1]: x',
    '2026-11-23T11:35:07 h a: x',
    '{"sid":"x"}',
    'pam_unix(su:auth): x',
  ])('takes %j for nothing that it knows', (text) => {
    expect(readLogText(text)).toBeUndefined();
  });

  it('never throws, and is quick on any text', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<38>',
        'Nov 23 11:35:07 ',
        'h ',
        'a[1]',
        ': ',
        'Failed password for ',
        ' from ',
        ' port 1',
        ' ssh2',
      ),
    );
    fc.assert(fc.property(fc.array(piece), (pieces) => void readLogText(pieces.join(''))));
    for (const text of [' from a port 1 ssh2: ', 'a ', 'a port 1', 'x', '1', ': ', '\\', "' FOR '", ', '])
      for (const before of [
        'Failed a for ',
        'Connection closed by ',
        'Disconnected from ',
        'FAILED LOGIN 1 FROM a FOR ',
        '<38>',
        '',
      ])
        for (const length of [4000, 65_000]) void readLogText(before + text.repeat(length / text.length) + '\n!');
  });
});
