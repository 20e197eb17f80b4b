import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DecnetError } from '../../../src/errors.js';
import { createPlaceFinder } from '../../../src/workers/collector/find-places.js';
import type { SourcePlace } from '../../../src/workers/collector/source.js';
import { createFakeSources } from './fake-sources.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decnet-places-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const container = (name: string, decky = name): SourcePlace => ({
  id: `docker:${name}`,
  decky,
  service: null,
  kind: 'container',
  at: name,
  untrusted: false,
});

describe('the places of sources', () => {
  it('are those of the settings, in their order', async () => {
    const finder = createPlaceFinder(
      {
        artifacts_dir: join(dir, 'none'),
        log_sources: [
          { decky: 'omega', kind: 'fifo', path: '/run/omega' },
          { decky: 'psi', service: 'ssh', kind: 'container', container: 'psi-1' },
        ],
      },
      createFakeSources().opener,
    );
    expect(await finder.find()).toEqual({
      places: [
        { id: 'fifo:/run/omega', decky: 'omega', service: null, kind: 'fifo', at: '/run/omega', untrusted: false },
        { id: 'docker:psi-1', decky: 'psi', service: 'ssh', kind: 'container', at: 'psi-1', untrusted: false },
      ],
      trouble: null,
    });
  });

  it.each([
    { decky: 'omega', kind: 'file' as const },
    { decky: 'omega', kind: 'container' as const, path: '/x' },
  ])('are refused where a setting says no place: $kind', async (source) => {
    const finder = createPlaceFinder({ artifacts_dir: dir, log_sources: [source] }, createFakeSources().opener);
    await expect(finder.find()).rejects.toMatchObject({ code: 'E_CONFIG' });
  });

  it("are the recorder's spool files, when they appear, and are not trusted", async () => {
    const finder = createPlaceFinder({ artifacts_dir: dir, log_sources: [] }, createFakeSources().opener);
    for (const service of ['ssh', 'telnet', 'no good!'])
      mkdirSync(join(dir, 'omega', service, 'transcripts'), { recursive: true });
    mkdirSync(join(dir, 'Not_A_Decky', 'ssh', 'transcripts'), { recursive: true });
    expect((await finder.find()).places).toEqual([]);
    const at = (decky: string, service: string) => join(dir, decky, service, 'transcripts', 'log-spool.rfc5424');
    writeFileSync(at('omega', 'ssh'), '');
    writeFileSync(at('omega', 'no good!'), '');
    writeFileSync(at('Not_A_Decky', 'ssh'), '');
    // What it is that lies there is for the source to say.
    symlinkSync('/etc/passwd', at('omega', 'telnet'));
    const place = { decky: 'omega', kind: 'file', untrusted: true };
    expect((await finder.find()).places).toEqual([
      { ...place, service: 'ssh', id: `file:${at('omega', 'ssh')}`, at: at('omega', 'ssh') },
      { ...place, service: 'telnet', id: `file:${at('omega', 'telnet')}`, at: at('omega', 'telnet') },
    ]);
    rmSync(at('omega', 'ssh'));
    expect((await finder.find()).places).toHaveLength(1);
  });

  it('are labelled containers; one that is configured stays as it is configured', async () => {
    const fakes = createFakeSources();
    fakes.containers = [container('omega', 'other'), container('psi')];
    const log_sources = [{ decky: 'omega', kind: 'container' as const, container: 'omega' }];
    const finder = createPlaceFinder({ artifacts_dir: dir, log_sources }, fakes.opener);
    expect((await finder.find()).places).toEqual([container('omega'), container('psi')]);
  });

  it('are what they were while the engine does not answer, and nothing waits for it', async () => {
    const fakes = createFakeSources();
    fakes.containers = [container('psi')];
    let hang = false;
    const opener = {
      ...fakes.opener,
      containers: () => (hang ? new Promise<never>(() => undefined) : fakes.opener.containers()),
    };
    const finder = createPlaceFinder({ artifacts_dir: dir, log_sources: [] }, opener);
    expect(await finder.find()).toEqual({ places: [container('psi')], trouble: null });
    fakes.containers = new DecnetError('E_USAGE', 'the engine is away');
    await finder.find();
    expect(await finder.find()).toEqual({ places: [container('psi')], trouble: 'the engine is away (E_USAGE)' });
    hang = true;
    await finder.find();
    expect((await finder.find()).places).toEqual([container('psi')]);
  });
});
