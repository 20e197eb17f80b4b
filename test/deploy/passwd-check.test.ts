import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPasswd } from '../../src/deploy/passwd-check.js';

const S = '/usr/libexec/login-session';
const sound = [
  `root:x:0:0:root:/root:${S}`,
  'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
  'sync:x:4:65534:sync:/bin:/bin/sync',
  `admin:x:1000:1000::/home/admin:${S}`,
  '',
].join('\n');
const logins = ['root', 'admin'];

describe('the check of /etc/passwd', () => {
  it('finds nothing in what was deployed, nor in an account that is made as useradd makes it there', () => {
    expect(checkPasswd(sound, logins)).toBeNull();
    expect(checkPasswd(`${sound}new:x:1001:1001::/home/new:${S}\n`, logins)).toBeNull();
  });

  it.each([
    ['another shell', sound.replace(`/root:${S}`, '/root:/bin/bash'), 'root has the shell /bin/bash'],
    ['no shell, which is /bin/sh', sound.replace(`/root:${S}`, '/root:'), 'root has the shell /bin/sh'],
    [
      'a locked out login',
      sound.replace(`admin:${S}`, 'admin:/usr/sbin/nologin'),
      'admin has the shell /usr/sbin/nologin',
    ],
    ['a new account that is not recorded', `${sound}x:x:0:0::/:/bin/sh\n`, 'x has the shell /bin/sh'],
    ['a second root before the first', `root:x:0:0::/:/bin/dash\n${sound}`, 'root has the shell /bin/dash'],
    ['a login that is gone', sound.replace(/^admin.*\n/m, ''), 'admin has no account'],
    ['a torn line of a login', sound.replace(`:/root:${S}`, ''), 'root has the shell /bin/sh'],
    ['nothing at all', '', 'root has no account; admin has no account'],
    ['a shell beside the recorder', sound.replace(`/root:${S}`, `/root:${S}2`), `root has the shell ${S}2`],
  ])('finds %s', (_, text, wrong) => {
    expect(checkPasswd(text, logins)).toBe(`/etc/passwd: ${wrong}`);
  });

  it('is short and quick whatever the file says', () => {
    const flood = Array.from({ length: 5000 }, (_, at) => `u${at}:x:0:0::/:/bin/sh`).join('\n');
    expect(checkPasswd(`${sound}${flood}`, logins)).toContain('and 4995 more');
    fc.assert(fc.property(fc.string(), (text) => (checkPasswd(text, logins) ?? '').length < 1000));
  });
});
