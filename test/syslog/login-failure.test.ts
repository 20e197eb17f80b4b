import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLoginFailure, type LoginFailure } from '../../src/syslog/login-failure.js';
import { readLogText } from '../../src/syslog/read-log-text.js';

/** What a line of `sshd -D -e`, or one out of a log file, tells. */
function failure(text: string): LoginFailure | undefined {
  const line = readLogText(text);
  return line && readLoginFailure(line);
}

const ssh = (user: string | null, srcIp: string | null, method = 'password') => ({
  user,
  srcIp,
  method,
  service: 'ssh',
});

/** As OpenSSH 9.2p1 wrote them to stderr: the whole of what it said of some connections. */
const KEY = 'SHA256:KARxkN10h/Gjl2g+PP2RnUmx2S8qEBaKLrnHpnxPTDM';
const ONE_PASSWORD = `Failed password for root from 127.0.0.1 port 51126 ssh2\r
Connection closed by authenticating user root 127.0.0.1 port 51126 [preauth]\r
`;
const UNKNOWN_USER = `Invalid user admin from 127.0.0.1 port 51132\r
Could not get shadow information for NOUSER\r
Failed password for invalid user admin from 127.0.0.1 port 51132 ssh2\r
Connection closed by invalid user admin 127.0.0.1 port 51132 [preauth]\r
`;
const THREE_PASSWORDS = `Connection from 127.0.0.1 port 48762 on 127.0.0.1 port 38223 rdomain ""\r
Failed password for root from 127.0.0.1 port 48762 ssh2\r
Failed password for root from 127.0.0.1 port 48762 ssh2\r
Failed password for root from 127.0.0.1 port 48762 ssh2\r
maximum authentication attempts exceeded for root from 127.0.0.1 port 48762 ssh2 [preauth]\r
Disconnecting authenticating user root 127.0.0.1 port 48762: Too many authentication failures [preauth]\r
`;
const ONE_KEY = `Connection from 127.0.0.1 port 48734 on 127.0.0.1 port 38223 rdomain ""\r
Failed publickey for root from 127.0.0.1 port 48734 ssh2: ED25519 ${KEY}\r
Connection closed by authenticating user root 127.0.0.1 port 48734 [preauth]\r
`;
const NO_TRY = `Connection closed by authenticating user root 127.0.0.1 port 51208 [preauth]\r
kex_exchange_identification: client sent invalid protocol identifier "GET / HTTP/1.0"\r
banner exchange: Connection from 127.0.0.1 port 51210: invalid format\r
kex_exchange_identification: Connection closed by remote host\r
Connection closed by 127.0.0.1 port 51212\r
ssh_dispatch_run_fatal: Connection from 127.0.0.1 port 53964: invalid format [preauth]\r
Received disconnect from 127.0.0.1 port 53912:11:  [preauth]\r
Disconnected from invalid user tab\tback\\\\\\\\slash\\\\033[31m 127.0.0.1 port 53934 [preauth]\r
Received signal 15; terminating.\r
`;
const tries = (log: string) => log.split('\n').flatMap((text) => failure(text) ?? []);

describe('what sshd says of a refused login', () => {
  it('counts each try once, however many lines are about it', () => {
    expect(tries(ONE_PASSWORD)).toEqual([ssh('root', '127.0.0.1')]);
    expect(tries(UNKNOWN_USER)).toEqual([ssh('admin', '127.0.0.1')]);
    expect(tries(THREE_PASSWORDS)).toEqual(Array(3).fill(ssh('root', '127.0.0.1')));
    expect(tries(ONE_KEY)).toEqual([ssh('root', '127.0.0.1', 'publickey')]);
  });

  it('counts nothing where nothing was tried, and knows each of these lines', () => {
    expect(tries(NO_TRY)).toEqual([]);
    const all = ONE_PASSWORD + UNKNOWN_USER + THREE_PASSWORDS + ONE_KEY + NO_TRY;
    for (const text of all.split('\n').slice(0, -1)) expect(readLogText(text)).toMatchObject({ app: 'sshd' });
  });

  it.each([
    [
      'Failed password for invalid user x from 1.2.3.4 port 22 ssh2 from 127.0.0.1 port 53970 ssh2',
      'x from 1.2.3.4 port 22 ssh2',
    ],
    ['Failed password for invalid user root from 7.7.7.7 from 127.0.0.1 port 54018 ssh2', 'root from 7.7.7.7'],
    [
      'Failed password for invalid user invalid user root from 9.9.9.9 port 1 ssh2 from 127.0.0.1 port 53978 ssh2',
      'invalid user root from 9.9.9.9 port 1 ssh2',
    ],
    ['Failed password for invalid user  from 127.0.0.1 port 53992 ssh2', ''],
    ['Failed password for invalid user   from 127.0.0.1 port 54008 ssh2', ' '],
    [
      'Failed password for invalid user tab\tback\\\\slash\\033[31m from 127.0.0.1 port 53934 ssh2',
      'tab\tback\\slash\u001b[31m',
    ],
    ['Failed password for invalid user caf\\303\\251\\342\\200\\256 from 127.0.0.1 port 53950 ssh2', 'café\u202e'],
    [`Failed password for invalid user ${'y'.repeat(100)} from 127.0.0.1 port 53996 ssh2`, 'y'.repeat(100)],
  ])('takes the user for a name, whatever it looks like: %j', (text, user) => {
    expect(failure(text)).toEqual(ssh(user, '127.0.0.1'));
  });

  it('lets no user have an address other than its own', () => {
    const looks = fc.constantFrom(
      ' from ',
      '6.6.6.6',
      ' port ',
      '22',
      ' ssh2',
      ': ',
      `ED25519 ${KEY}`,
      ' [preauth]',
      'x',
    );
    const method = fc.constantFrom('password', 'keyboard-interactive/pam');
    fc.assert(
      fc.property(fc.array(looks, { maxLength: 12 }), method, fc.boolean(), (pieces, how, isKnown) => {
        const user = pieces.join('');
        const text = `Failed ${how} for ${isKnown ? '' : 'invalid user '}${user} from 203.0.113.9 port 5 ssh2`;
        expect(failure(text)).toEqual(ssh(user, '203.0.113.9', how));
      }),
      { numRuns: 500 },
    );
  });

  it('believes neither user nor certificate where one of them may have forged an address, cut anywhere', () => {
    const looks = fc.constantFrom(' from ', '6.6.6.6', ' port ', '22', ' ssh2', ': ', `ED25519 ${KEY}`, 'x');
    const some = fc.array(looks, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(some, some, fc.nat(600), (name, id, cut) => {
        const user = name.replaceAll(':', '');
        const text = `Failed publickey for ${user} from 203.0.113.9 port 5 ssh2: RSA-CERT ${KEY} ID ${id} (serial 0) CA RSA ${KEY}`;
        const told = failure(text.slice(0, Math.max(text.length - cut, text.indexOf(': RSA-CERT'))));
        expect([ssh(user, '203.0.113.9', 'publickey'), ssh(null, null, 'publickey')]).toContainEqual(told);
      }),
      { numRuns: 500 },
    );
  });

  it('believes no certificate that names an address', () => {
    const behind = (id: string) => `: ED25519-CERT ${KEY} ID ${id} (serial 0) CA ED25519 ${KEY}`;
    const text = (user: string, id: string) =>
      `Failed publickey for ${user} from 127.0.0.1 port 34026 ssh2${behind(id)}`;
    expect(failure(text('root', 'mine'))).toEqual(ssh('root', '127.0.0.1', 'publickey'));
    expect(failure(text('root', 'x from 6.6.6.6 port 1 ssh2: ED25519 SHA256:aaa'))).toEqual(
      ssh(null, null, 'publickey'),
    );
    expect(failure(text('x from 6.6.6.6 port 1 ssh2: y', 'mine'))).toEqual(ssh(null, null, 'publickey'));
  });

  it('cannot tell a line that the LF in a name made of it, as sshd writes it to stderr: the page says so', () => {
    const log = `Failed password for invalid user x
Failed password for root from 6.6.6.6 port 1 ssh2
y from 127.0.0.1 port 53912 ssh2\r
`;
    expect(tries(log)).toEqual([ssh('root', '6.6.6.6')]);
  });

  it('gives an address in one spelling, and null for a name', () => {
    const from = (address: string) => failure(`Failed password for root from ${address} port 5 ssh2`)?.srcIp;
    expect(from('2001:DB8::7')).toBe('2001:db8::7');
    expect(from('::ffff:203.0.113.9')).toBe('203.0.113.9');
    expect(from('fe80::1%eth0')).toBe('fe80::1');
    for (const none of ['caller.example', 'UNKNOWN', '1.2.3', '1.2.3.256', '01.2.3.4', ':::', 'fe80::1%'])
      expect(from(none)).toBeNull();
  });

  it('does not take a question for a try, nor another program for sshd', () => {
    expect(failure('Failed none for invalid user x from 127.0.0.1 port 5 ssh2')).toBeUndefined();
    expect(failure('<38>Nov 23 11:35:07 h backup[3]: Failed password for a from 1.2.3.4 port 5 ssh2')).toBeUndefined();
    expect(failure('Accepted password for root from 127.0.0.1 port 5 ssh2')).toBeUndefined();
  });

  it.each([
    '<38>Nov 23 11:35:07 decky-1 sshd[123]: ',
    '<38>Nov  3 11:35:07 sshd[123]: ',
    '2026-11-23T11:35:07.123456+00:00 decky-1 sshd-session[123]: ',
    '<86>1 2026-11-23T11:35:07Z decky-1 sshd 123 - - ',
    '',
  ])('is read behind %j', (before) => {
    expect(failure(`${before}Failed password for root from 203.0.113.9 port 5 ssh2`)).toEqual(
      ssh('root', '203.0.113.9'),
    );
  });
});
