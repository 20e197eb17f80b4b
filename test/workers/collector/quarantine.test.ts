import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQuarantine } from '../../../src/workers/collector/quarantine.js';

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'decnet-quarantine-')), 'quarantine');
});
afterEach(() => {
  rmSync(join(dir, '..'), { recursive: true, force: true });
});

const junk = (text: string, decky = 'omega') => ({ decky, source: `file:/${decky}`, receivedAt: 0, text });
const read = (name: string) => readFileSync(join(dir, name), 'utf8');

describe('the quarantine', () => {
  it('keeps a line for each, by decky, with nothing in it that a terminal acts on', async () => {
    const quarantine = createQuarantine({ dir });
    await quarantine.keep([junk('a\x1b]0;owned\x07\u202eb\rc'), junk('other', 'psi'), junk('')]);
    expect(read('omega.log')).toBe(
      '1970-01-01T00:00:00.000Z file:/omega a\\e]0;owned\\x07\\u{202e}b\\rc\n1970-01-01T00:00:00.000Z file:/omega \n',
    );
    expect(read('psi.log')).toContain(' other\n');
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(statSync(join(dir, 'omega.log')).mode & 0o777).toBe(0o600);
  });

  it('is bounded: the newest, and one generation before it', async () => {
    for (let run = 0; run < 3; run++) {
      const quarantine = createQuarantine({ dir, maxBytes: 1000 });
      for (let n = 0; n < 30; n++) await quarantine.keep([junk(`${run} ${n}`), junk('x'.repeat(100))]);
    }
    expect(readdirSync(dir).toSorted()).toEqual(['omega.log', 'omega.log.1']);
    for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThanOrEqual(1000);
    expect(read('omega.log')).toMatch(/ x{100}\n$/);
    expect(read('omega.log')).toContain(' 2 29\n');
  });

  it('shortens what is very long', async () => {
    await createQuarantine({ dir }).keep([junk('y'.repeat(60_000))]);
    expect(statSync(join(dir, 'omega.log')).size).toBeLessThan(2200);
  });

  it('says E_SPOOL where it cannot write, and goes on when it can', async () => {
    mkdirSync(join(dir, '..'), { recursive: true });
    writeFileSync(dir, 'a file');
    const quarantine = createQuarantine({ dir });
    await expect(quarantine.keep([junk('a')])).rejects.toMatchObject({ code: 'E_SPOOL' });
    rmSync(dir);
    await quarantine.keep([junk('b')]);
    expect(read('omega.log')).toMatch(/ b\n$/);
  });
});
