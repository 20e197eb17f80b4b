import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDeployFiles } from '../../src/deploy/deploy-files.js';
import { deployPaths } from '../../src/deploy/deploy-paths.js';
import type { DeckyContainerSeen, DeckyEngine } from '../../src/deploy/engine.js';
import { parseFleet, resolveFleet } from '../../src/deploy/fleet.js';
import { planDeploy } from '../../src/deploy/plan-deploy.js';
import { removeDecky } from '../../src/deploy/remove-decky.js';
import { DecnetError } from '../../src/errors.js';

const PUBLIC_KEY = 'ssh-ed25519 AAAA root@backup';
const fleetText = (...names: string[]): string =>
  names
    .map((name, at) => {
      const user = '[[decky.user]]\nname = "root"\npassword = "x$y"\n';
      return `[[decky]]\nname = "${name}"\nservices = ["ssh"]\nssh_port = ${2200 + at}\n${user}`;
    })
    .join('');

let dir: string;
let there: DeckyContainerSeen[];
let failure: DecnetError | undefined;
const engine = {
  containers: () => Promise.resolve([...there]),
  removeContainer: (id: string) => {
    if (failure !== undefined) return Promise.reject(failure);
    there = there.filter((one) => one.id !== id);
    return Promise.resolve();
  },
  removeImage: () => Promise.resolve(),
} as unknown as DeckyEngine;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-remove-'));
  failure = undefined;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function deployed(...names: string[]) {
  const paths = deployPaths(join(dir, 'state'), join(dir, 'data'));
  mkdirSync(paths.dir, { recursive: true });
  const readersGid = process.getgid!() === 0 ? 60 : process.getgid!();
  const files = openDeployFiles(paths, readersGid);
  const text = fleetText(...names);
  files.write(
    planDeploy(resolveFleet(parseFleet(text, 'f'), 'f'), { paths, publicKey: PUBLIC_KEY, readersGid }),
    text,
    new Date(0),
  );
  files.commit();
  there = names.map((decky) => ({
    ...{ id: `id-${decky}`, name: `${decky}-ssh`, decky, service: 'ssh', image: `i-${decky}`, running: true },
  }));
  for (const decky of names) {
    const { recorder, transcripts } = paths.files(decky, 'ssh');
    mkdirSync(join(recorder, '..'), { recursive: true });
    mkdirSync(transcripts, { recursive: true });
    writeFileSync(recorder, '');
  }
  const options = { paths, files, engine, publicKey: PUBLIC_KEY, readersGid, now: new Date(0) };
  const left = () => parseFleet(files.fleetText() ?? '', 'f').decky.map(({ name }) => name);
  return { paths, files, options, left };
}

describe('removing a decky', () => {
  it('takes its containers, its files and its place in the fleet; its recordings and the others stay', async () => {
    const { paths, files, options, left } = deployed('alpha', 'beta');
    const was = files.composeText();
    await removeDecky('alpha', options);
    expect(there.map(({ decky }) => decky)).toEqual(['beta']);
    expect(left()).toEqual(['beta']);
    expect(files.composeText()).not.toBe(was);
    expect(files.composeText()).not.toContain('alpha');
    expect(readdirSync(paths.build)).toEqual(['beta-ssh']);
    expect(existsSync(paths.files('alpha', 'ssh').recorder)).toBe(false);
    expect(existsSync(paths.files('alpha', 'ssh').transcripts)).toBe(true);
    expect(existsSync(paths.files('beta', 'ssh').recorder)).toBe(true);
    expect(files.wasInterrupted).toBe(false);
  });

  it('of the last one nothing that was deployed is left, and a second time nothing happens', async () => {
    const { paths, options } = deployed('alpha');
    await removeDecky('alpha', options);
    expect(there).toEqual([]);
    expect([paths.fleetFile, paths.composeFile, paths.build].filter((path) => existsSync(path))).toEqual([]);
    await removeDecky('alpha', options);
  });

  it('that the engine refuses leaves it in the fleet, and the next try takes it out', async () => {
    const { options, left } = deployed('alpha', 'beta');
    failure = new DecnetError('E_ENGINE', 'no');
    await expect(removeDecky('alpha', options)).rejects.toThrow('no');
    expect(left()).toEqual(['alpha', 'beta']);
    failure = undefined;
    await removeDecky('alpha', options);
    expect(left()).toEqual(['beta']);
  });
});
