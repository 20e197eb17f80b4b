import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ourDescriptors, shell } from './support.js';

test('fifty terminals at once keep their bytes apart, and leave no descriptor and no zombie', async () => {
  const before = ourDescriptors();
  const all = Array.from({ length: 50 }, (_, i) =>
    shell(`read line; echo "$line ${String(i)}"; exit ${String(i)}`, { pty: i % 5 !== 0 }),
  );
  for (const [i, sh] of all.entries()) sh.write(`word-${String(i)}\n`);
  const exits = await Promise.all(all.map((sh) => sh.exited));
  await Promise.all(all.map((sh) => sh.closed));
  expect(exits.map((exit) => exit.status)).toEqual(all.map((_, i) => i));
  all.forEach((sh, i) => expect(sh.output().toString()).toContain(`word-${String(i)} ${String(i)}`));
  await Promise.all(all.map((sh) => sh.close()));
  expect(ourDescriptors()).toEqual(before);
  expect(all.filter((sh) => existsSync(`/proc/${String(sh.pid)}`))).toEqual([]);
});

test('a terminal whose program is killed and whose output is never read leaves nothing either', async () => {
  const before = ourDescriptors();
  const sh = shell('exec yes');
  sh.pause();
  sh.kill('SIGKILL');
  await sh.exited;
  await sh.close();
  expect(ourDescriptors()).toEqual(before);
});
