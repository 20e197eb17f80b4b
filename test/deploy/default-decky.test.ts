import { describe, expect, it } from 'vitest';
import { defaultDecky, withDecky, withoutDecky } from '../../src/deploy/default-decky.js';
import { parseFleet, resolveFleet } from '../../src/deploy/fleet.js';
import { SAMPLE } from './sample-fleet.js';

const file = parseFleet(SAMPLE, 'fleet.toml');
/** Counts up. */
function counter(): (below: number) => number {
  let n = 0;
  return (below) => n++ % below;
}

describe('a decky of which only name and services are given', () => {
  it('is a plausible host whose root has a password by chance, beside the ports of the others', () => {
    const decky = defaultDecky({ name: 'gamma', services: ['ssh', 'telnet'], others: file.decky, random: counter() });
    expect(decky).toEqual({
      name: 'gamma',
      services: ['ssh', 'telnet'],
      hostname: expect.stringMatching(/^[a-z]+\d\d$/) as string,
      ssh_port: 2223,
      telnet_port: 2324,
      user: [{ name: 'root', password: 'abcdefghjkmn' }],
    });
    expect(resolveFleet(withDecky(file, decky), 'x').deckies).toHaveLength(3);
  });

  it('listens only for what it serves, and where it is told to', () => {
    const decky = defaultDecky({
      name: 'a',
      services: ['ssh'],
      others: [],
      sshPort: 22,
      hostname: 'h',
      random: counter(),
    });
    expect(decky).toMatchObject({ ssh_port: 22, hostname: 'h' });
    expect(decky).not.toHaveProperty('telnet_port');
  });
});

describe('a fleet', () => {
  it('has one decky of a name, in its place', () => {
    const [omega] = file.decky;
    const changed = withDecky(file, { ...omega!, hostname: 'other' });
    expect(changed.decky.map(({ name, hostname }) => [name, hostname])).toEqual([
      ['omega', 'other'],
      ['beta', undefined],
    ]);
    expect(withDecky(null, omega!)).toEqual({ decky: [omega] });
  });

  it('is nothing without its last decky, and knows whom it does not have', () => {
    const beta = withoutDecky(file, 'omega');
    expect(beta?.decky.map(({ name }) => name)).toEqual(['beta']);
    expect(withoutDecky(beta!, 'beta')).toBeNull();
    expect(() => withoutDecky(file, 'nobody')).toThrow(expect.objectContaining({ code: 'E_NO_SUCH_DECKY' }) as Error);
  });
});
