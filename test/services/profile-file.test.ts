import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sessionProfile, type SessionProfile } from '../../src/contract/session-profile.js';
import { profileFile } from '../../src/services/profile-file.js';

const FIXTURE = join(import.meta.dirname, '../fixtures/wget-scanme.jsonl');

async function rowsOf(path: string): Promise<SessionProfile[]> {
  const rows: SessionProfile[] = [];
  for await (const { profile } of profileFile(path, 7)) rows.push(profile);
  return rows;
}

it('computes the row of a shard without a database, the same row every time', async () => {
  const profiles = await rowsOf(FIXTURE);
  expect(profiles.map((profile) => sessionProfile.parse(profile))).toEqual(profiles);
  expect(profiles).toMatchObject([{ total_keystrokes: 21, computed_at: 7, kd_max_pause_ms: 467 }]);
  expect(profiles[0]?.kd_iki_mean_ms).toBeCloseTo(138.1, 1);
  expect(await rowsOf(FIXTURE)).toEqual(profiles);
});
