import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { formatComposeFile } from '../../src/deploy/compose-file.js';
import { REFUSED_CAPABILITIES } from '../../src/deploy/container-limits.js';
import { deployPaths } from '../../src/deploy/deploy-paths.js';
import { sampleFleet } from './sample-fleet.js';

const paths = deployPaths('/var/lib/decnet', '/var/lib/svcdata');
const images = new Map(['omega-ssh', 'omega-telnet', 'beta-ssh'].map((name) => [name, `${name}:0123456789ab`]));
const text = formatComposeFile(sampleFleet(), { paths, images });
const document = parse(text) as { services: Record<string, Record<string, unknown>>; networks: unknown };

describe('the compose file', () => {
  it('is what a person would like to read', () => {
    expect(text).toBe(readFileSync(join(import.meta.dirname, 'compose-golden.txt'), 'utf8'));
  });

  it('gives a decky’s second service the network of its first, and all ports to that one', () => {
    expect(document.services['omega-ssh']).toMatchObject({
      hostname: 'mail01',
      ports: ['0.0.0.0:2222:22', '0.0.0.0:2323:23'],
    });
    expect(document.services['omega-telnet']).toMatchObject({ network_mode: 'service:omega-ssh' });
    expect(document.services['omega-telnet']).not.toHaveProperty('ports');
    expect(document.services['omega-telnet']).not.toHaveProperty('hostname');
  });

  it('drops every capability and gives none that undoes a recording', () => {
    for (const service of Object.values(document.services)) {
      expect(service['cap_drop']).toEqual(['ALL']);
      expect(service['cap_add']).not.toEqual(
        expect.arrayContaining([expect.stringMatching(REFUSED_CAPABILITIES.join('|'))]),
      );
      expect(service).not.toHaveProperty('privileged');
    }
  });

  it('names nothing that whoever is inside could know us by', () => {
    for (const { volumes, hostname, networks } of Object.values(document.services)) {
      expect(JSON.stringify({ volumes, hostname, networks })).not.toMatch(/decnet|sessrec|honeypot|decky/);
    }
    expect(JSON.stringify(document.networks)).not.toMatch(/decnet|sessrec|honeypot|decky/);
  });

  it('has no_new_privileges only where the fleet says so', () => {
    expect(text).not.toContain('no-new-privileges');
    const [, beta] = sampleFleet().deckies;
    const locked = { deckies: [{ ...beta!, no_new_privileges: true }] };
    expect(formatComposeFile(locked, { paths, images })).toContain('no-new-privileges:true');
  });

  it('quotes names that older readers take for something else', () => {
    const [, beta] = sampleFleet().deckies;
    const odd = { deckies: [{ ...beta!, name: 'no', hostname: 'on' }] };
    const service = formatComposeFile(odd, { paths, images });
    expect(service).toContain('hostname: "on"');
    expect(service).toContain('decnet.decky: "no"');
  });

  it('keeps a dollar what it is', () => {
    const odd = deployPaths('/var/lib/decnet', '/srv/$data');
    expect(formatComposeFile(sampleFleet(), { paths: odd, images })).toContain(
      'source: /srv/$$data/omega/ssh/transcripts',
    );
  });
});
