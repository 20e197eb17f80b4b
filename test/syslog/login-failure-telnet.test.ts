import { describe, expect, it } from 'vitest';
import { readLoginFailure, type LoginFailure } from '../../src/syslog/login-failure.js';
import { readLogText } from '../../src/syslog/read-log-text.js';

/** What a line of a log tells. */
function failure(text: string): LoginFailure | undefined {
  const line = readLogText(text);
  return line && readLoginFailure(line);
}

const tries = (log: string) => log.split('\n').flatMap((text) => failure(text) ?? []);
const telnet = (user: string | null, srcIp: string | null) => ({ user, srcIp, method: 'password', service: 'telnet' });

/** As Debian 12's login(1) (shadow 4.13 with PAM) wrote them to the local socket, three logins from three places. */
const ROOT = `<85>Nov 23 16:03:30 login[5865]: pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=/dev/pts/0 ruser= rhost=203.0.113.9  user=root
<85>Nov 23 16:03:33 login[5865]: FAILED LOGIN (1) on '/dev/pts/0' from '203.0.113.9' FOR 'root', Authentication failure
<85>Nov 23 16:03:33 login[5865]: pam_unix(login:auth): check pass; user unknown
<85>Nov 23 16:03:33 login[5865]: pam_unix(login:auth): authentication failure; logname= uid=0 euid=0 tty=/dev/pts/0 ruser= rhost=203.0.113.9 
<85>Nov 23 16:03:45 login[5865]: FAILED LOGIN (5) on '/dev/pts/0' from '203.0.113.9' FOR 'UNKNOWN', Authentication failure
<85>Nov 23 16:03:45 login[5865]: TOO MANY LOGIN TRIES (5) on '/dev/pts/0' from '203.0.113.9' FOR 'UNKNOWN'
<85>Nov 23 16:03:45 login[5865]: pam_mail(login:session): user unknown
<86>Nov 23 16:03:45 login[5865]: pam_unix(login:session): session closed for user a
<85>Nov 23 16:03:45 login[5865]: PAM 1 more authentication failure; logname= uid=0 euid=0 tty=/dev/pts/0 ruser= rhost=203.0.113.9 
`;
const NAMED = `<85>Nov 23 16:03:49 login[5866]: FAILED LOGIN (1) on '/dev/pts/0' from 'caller.example' FOR 'root', Authentication failure
<85>Nov 23 16:04:09 login[6080]: FAILED LOGIN (1) on '/dev/pts/0' from '2001:db8::7' FOR 'root', Authentication failure
`;

describe('what login(1) says of a refused login over telnet', () => {
  it('counts each try once; whom it does not know it does not name', () => {
    expect(tries(ROOT)).toEqual([telnet('root', '203.0.113.9'), telnet(null, '203.0.113.9')]);
    for (const text of ROOT.split('\n').slice(0, -1)) expect(readLogText(text)).toMatchObject({ app: 'login' });
  });

  it('has no address where the caller has a name', () => {
    expect(tries(NAMED)).toEqual([telnet('root', null), telnet('root', '2001:db8::7')]);
  });

  it('takes the user for a name, whatever it looks like', () => {
    const user = "x' from '6.6.6.6' FOR 'y', z";
    expect(
      failure(`FAILED LOGIN (1) on '/dev/pts/0' from '203.0.113.9' FOR '${user}', Authentication failure`),
    ).toEqual(telnet(user, '203.0.113.9'));
    expect(failure(`FAILED LOGIN (1) on '/dev/tty1' FOR '${user}', Authentication failure`)).toBeUndefined();
  });

  it('knows the login of util-linux, whose last try has a line of its own', () => {
    const behind = 'FROM 203.0.113.9 FOR x FROM 6.6.6.6 FOR y, z, Authentication failure';
    const expected = telnet('x FROM 6.6.6.6 FOR y, z', '203.0.113.9');
    for (const what of ['FAILED LOGIN 1', 'FAILED LOGIN SESSION', 'TOO MANY LOGIN TRIES (3)'])
      expect(failure(`${what} ${behind}`)).toEqual(expected);
    expect(failure('FAILED LOGIN 2 FROM pts/0 FOR (unknown), Authentication failure')).toEqual(telnet(null, null));
  });

  it('is not believed of another program', () => {
    expect(failure('<85>Nov 23 16:03:33 su[1]: FAILED LOGIN 1 FROM 203.0.113.9 FOR root, x')).toBeUndefined();
  });
});
