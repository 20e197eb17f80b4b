import { describe, expect, it, test } from 'vitest';
import { formatToml } from '../../src/config/toml.js';
import { DEFAULT_BASE_IMAGE, parseFleet, resolveFleet } from '../../src/deploy/fleet.js';
import { DecnetError } from '../../src/errors.js';
import { SAMPLE, sampleFleet } from './sample-fleet.js';

function failure(text: string): string {
  try {
    sampleFleet(text);
  } catch (error) {
    if (error instanceof DecnetError && error.code === 'E_FLEET') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

const USER = `[[decky.user]]\nname = "root"\npassword = "x"\n`;
const decky = (name: string, more = '', user = USER): string =>
  `[[decky]]\nname = "${name}"\nservices = ["ssh"]\n${more}\n${user}`;

describe('a fleet file', () => {
  it('leaves open what has a default, and the file’s own defaults go before ours', () => {
    const [omega, beta] = sampleFleet().deckies;
    expect(omega).toMatchObject({
      hostname: 'mail01',
      ports: { ssh: 2222, telnet: 2323 },
      address: '0.0.0.0',
      memory_mb: 256,
    });
    expect(beta).toMatchObject({ hostname: 'beta', ports: { ssh: 22 }, memory_mb: 128, base_image: 'base:1' });
    expect(sampleFleet(decky('a')).deckies[0]).toMatchObject({ base_image: DEFAULT_BASE_IMAGE, pids: 256, log_mb: 20 });
  });

  it('names a base image by its digest when nobody names one', () => {
    expect(DEFAULT_BASE_IMAGE).toMatch(/^debian:[\w.-]+-slim@sha256:[0-9a-f]{64}$/);
  });

  it('says the same when it is written down and read again', () => {
    const file = parseFleet(SAMPLE, 'a');
    expect(resolveFleet(parseFleet(formatToml(file), 'b'), 'b')).toEqual(sampleFleet());
  });

  it('may have one port on two addresses', () => {
    const other = decky('b', 'address = "192.0.2.2"');
    expect(sampleFleet(`${decky('a', 'address = "192.0.2.1"')}${other}`).deckies).toHaveLength(2);
  });

  it('may have no_new_privileges where only root logs in', () => {
    expect(sampleFleet(decky('a', 'no_new_privileges = true')).deckies[0]?.no_new_privileges).toBe(true);
  });
});

const ADA = `${USER}[[decky.user]]\nname = "ada"\npassword = "x"\n`;
test.each([
  ['no TOML', 'decky = [', /^fleet\.toml: not TOML: /],
  ['no decky', 'decky = []', /^fleet\.toml: decky: at least one decky$/],
  ['no name', '[[decky]]\nservices = ["ssh"]', /^fleet\.toml: decky\[0\]\.name: missing$/],
  ['a name that is a path', decky('../a'), /^fleet\.toml: decky\[0\]\.name: a-z, 0-9/],
  ['a name that is an option', decky('-a'), /decky\[0\]\.name/],
  ['a name twice', decky('a') + decky('a', 'ssh_port = 23'), /decky\[1\]\.name: a is decky\[0\] already/],
  ['an unknown service', decky('a').replace('"ssh"', '"ftp"'), /decky\[0\]\.services\[0\]: /],
  ['a service twice', decky('a').replace('"ssh"', '"ssh", "ssh"'), /decky\[0\]\.services: a service stands twice/],
  ['an unknown setting', decky('a', 'image = "x"'), /decky\[0\]\.image: there is no such setting/],
  [
    'an unknown default',
    `[defaults]\nprivileged = true\n${decky('a')}`,
    /defaults\.privileged: there is no such setting/,
  ],
  ['no login', decky('a', '', ''), /decky\[0\]: user: at least one login/],
  ['a login twice', decky('a', '', USER + USER), /decky\[0\]: user\[1\]\.name: root stands twice/],
  ['a login with a colon', decky('a', '', USER.replace('root', 'a:b')), /decky\[0\]\.user\[0\]\.name: /],
  ['a password of two lines', decky('a', '', USER.replace('"x"', '"x\\ny"')), /decky\[0\]\.user\[0\]\.password: /],
  ['a port beyond', decky('a', 'ssh_port = 65536'), /decky\[0\]\.ssh_port: a port is 1 to 65535/],
  [
    'a port that another has',
    decky('a') + decky('b'),
    /decky\[1\]\.ssh_port: port 22 is taken by decky\[0\]\.ssh_port/,
  ],
  [
    'a port that another has on every address',
    decky('a', 'address = "192.0.2.1"') + decky('b'),
    /decky\[1\]\.ssh_port: port 22 is taken/,
  ],
  ['an address that is none', decky('a', 'address = "host"'), /decky\[0\]\.address: an IPv4 address/],
  ['a hostname that a shell would read', decky('a', 'hostname = "a$b"'), /decky\[0\]\.hostname: /],
  [
    'no_new_privileges with a login that is not root',
    decky('a', 'no_new_privileges = true', ADA),
    /decky\[0\]: no_new_privileges: /,
  ],
])('a fleet file with %s is refused, and the place is named', (_, text, message) => {
  expect(failure(text)).toMatch(message);
});
