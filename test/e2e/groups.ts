/**
 * End-to-end groups.
 *
 *     describeGroup('sshd', 'a login over ssh', () => { test('…', …) });
 *
 * A group that this machine cannot run is skipped with its reason, and `npm test` prints both. Named in
 * `DECNET_REQUIRE` (comma-separated, or `all`), its absence is a failing test instead. Groups are listed in needs.ts.
 */
import { describe, test } from 'vitest';
import { group } from './needs.js';
import type { GroupName } from './needs.js';

export { findProgram, group, GROUP_NAMES } from './needs.js';
export type { Group, GroupName } from './needs.js';

/** A `describe` of tests that need one group; its title starts with `[group]`, by which `npm test` counts. */
export function describeGroup(name: GroupName, title: string, body: () => void): void {
  const { available, reason, required } = group(name);
  const heading = `[${name}] ${title}`;
  if (!available && required) {
    describe(heading, () => {
      test(`the group ${name} is here, since DECNET_REQUIRE names it`, () => {
        throw new Error(`${name}: ${reason ?? 'unknown reason'}`);
      });
    });
    return;
  }
  describe.skipIf(!available)(heading, body);
}
