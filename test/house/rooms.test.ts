import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { trackedFiles } from './tracked.js';

const house = z
  .object({ floors: z.array(z.array(z.string())), pureRooms: z.array(z.string()) })
  .parse(createRequire(import.meta.url)('../../scripts/floors.cjs'));
const rooms = house.floors.flat();

test('every folder of src is a room with a floor', () => {
  const names = trackedFiles()
    .filter((path) => path.startsWith('src/') && path !== 'src/index.ts')
    .map((path) => path.split('/')[1]?.replace(/\.ts$/, ''));
  expect([...new Set(names)].filter((name) => name === undefined || !rooms.includes(name))).toEqual([]);
});

test('every pure room is on the first floor', () => {
  expect(house.pureRooms.filter((room) => house.floors[1]?.includes(room) !== true)).toEqual([]);
});

test('a test mirrors a file or a folder of src', () => {
  const files = trackedFiles();
  const sources = new Set(files.filter((path) => path.startsWith('src/')));
  const strays = files
    .filter((path) => path.startsWith('test/') && path.endsWith('.test.ts'))
    .filter((path) => rooms.includes(path.split('/')[1]?.replace(/\.test\.ts$/, '') ?? ''))
    .map((path) => path.replace(/^test\//, 'src/').replace(/\.test\.ts$/, ''))
    // What docs/ promises: `log-page.test.ts`.
    .filter((path) => !path.endsWith('-page'))
    // `parse.test.ts`; for one side of it `parse-hostile.test.ts`; for a whole room `shard.test.ts` or `shard-….test.ts`.
    .filter((path) => !rooms.some((room) => path.startsWith(`src/${room}/${room}`)))
    .filter((path) => ![...sources].some((source) => path.startsWith(source.replace(/\.ts$/, ''))));
  expect(strays).toEqual([]);
});
