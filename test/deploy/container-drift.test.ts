import { expect, it } from 'vitest';
import { describeDrift, type SeenRights } from '../../src/deploy/container-drift.js';

const binds = [
  { source: '/s/lib', target: '/usr/lib/login-session', readOnly: true },
  { source: '/s/t', target: '/t', readOnly: false },
];
const sound: SeenRights = {
  ...{ mounts: binds, privileged: false, capAdd: ['CAP_CHOWN', 'SETUID'], capDrop: ['ALL'] },
  ...{ pidMode: '', networkMode: 'container:x' },
};

it('finds nothing in what was deployed', () => {
  expect(describeDrift(sound, binds)).toBeNull();
});

it.each<[Partial<SeenRights>, string]>([
  [{ privileged: true }, 'privileged'],
  [{ pidMode: 'host' }, 'shares a namespace'],
  [{ networkMode: 'host' }, 'shares a namespace'],
  [{ capAdd: ['SYS_ADMIN', 'CAP_CHOWN'] }, 'has rights that no decky has: SYS_ADMIN'],
  [{ capDrop: [] }, 'not deprived of all rights'],
  [{ mounts: binds.slice(1) }, '/usr/lib/login-session is not mounted'],
  [{ mounts: [{ ...binds[0]!, source: '/tmp/x' }, binds[1]!] }, 'is mounted from /tmp/x'],
  [{ mounts: [{ ...binds[0]!, readOnly: false }, binds[1]!] }, '/usr/lib/login-session can be written'],
])('says so: %o', (change, said) => {
  expect(describeDrift({ ...sound, ...change }, binds)).toContain(said);
});
