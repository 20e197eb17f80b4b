import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findUser, isMember } from '../../../src/deploy/accounts/find-user.js';

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-accounts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}

test('a user is found by the whole name, with uid and own group', () => {
  const passwd = file(
    'root:x:0:0:root:/root:/bin/bash\ndecnet2:x:7:7::/:\ndecnet:x:990:989::/var/lib/decnet:/x\nbad:x:y:z:\n',
  );
  expect(findUser('decnet', passwd)).toEqual({ uid: 990, gid: 989 });
  expect(findUser('decne', passwd)).toBeUndefined();
  expect(findUser('bad', passwd)).toBeUndefined();
});

test('a member is one that the group names', () => {
  const group = file('decnet:x:989:ada,bob\nother:x:5:\n');
  expect(isMember('bob', 'decnet', group)).toBe(true);
  expect(isMember('bo', 'decnet', group)).toBe(false);
  expect(isMember('ada', 'other', group)).toBe(false);
});
