import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { readFromHttps } from '../../../src/deploy/prebuilt/read-from-https.js';
import { httpsServer } from './https-server.js';

const LIMIT = 1000;

test('a redirect to another https address is followed', async () => {
  const { origin, ca } = await httpsServer((request, response) => {
    if (request.url === '/new') response.end('here');
    else response.writeHead(302, { location: '/new' }).end('not here');
  });
  expect((await readFromHttps(new URL('/old', origin), LIMIT, { ca })).toString()).toBe('here');
});

test('a redirect to http is refused, and nobody is asked there', async () => {
  let asked = 0;
  const plain = createServer((_, response) => {
    asked += 1;
    response.end('anything');
  });
  await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => plain.close(() => resolve())));
  const location = `http://127.0.0.1:${(plain.address() as AddressInfo).port}/x`;
  const { origin, ca } = await httpsServer((_, response) => response.writeHead(301, { location }).end());
  const read = readFromHttps(new URL(origin), LIMIT, { ca });
  await expect(read).rejects.toMatchObject({
    code: 'E_PREBUILD_FETCH',
    message: expect.stringContaining('not https') as string,
  });
  expect(asked).toBe(0);
});

test('http itself is refused', async () => {
  await expect(readFromHttps(new URL('http://127.0.0.1:9/'), LIMIT)).rejects.toMatchObject({
    code: 'E_PREBUILD_FETCH',
  });
});

test('redirects without end are E_PREBUILD_FETCH', async () => {
  const { origin, ca, asked } = await httpsServer((_, response) => response.writeHead(307, { location: '/' }).end());
  await expect(readFromHttps(new URL(origin), LIMIT, { ca })).rejects.toMatchObject({ code: 'E_PREBUILD_FETCH' });
  expect(asked).toHaveLength(4);
});

test('of what has no end, one byte more than the limit is taken, and the connection closed', async () => {
  let closed: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (closed = resolve));
  const { origin, ca } = await httpsServer((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(8192)));
    };
    response.on('drain', more).on('close', closed);
    more();
  });
  expect(await readFromHttps(new URL(origin), LIMIT, { ca })).toHaveLength(LIMIT + 1);
  await left;
});

test('a certificate that nobody vouches for is E_PREBUILD_FETCH', async () => {
  const { origin, asked } = await httpsServer((_, response) => response.end('x'));
  await expect(readFromHttps(new URL(origin), LIMIT)).rejects.toMatchObject({ code: 'E_PREBUILD_FETCH' });
  expect(asked).toEqual([]);
});

test('who never answers, or stops in the middle, is E_PREBUILD_FETCH, not a truncated file', async () => {
  const { origin, ca } = await httpsServer((request, response) => {
    if (request.url === '/middle') response.writeHead(200, { 'content-length': 10 }).write('half');
  });
  for (const path of ['/never', '/middle']) {
    const why = { code: 'E_PREBUILD_FETCH', message: expect.stringContaining('not a byte for 200 ms') as string };
    await expect(readFromHttps(new URL(path, origin), LIMIT, { ca, idleMs: 200 })).rejects.toMatchObject(why);
  }
});

test('who sends a byte now and then for ever is E_PREBUILD_FETCH', async () => {
  const { origin, ca } = await httpsServer((_, response) => {
    const timer = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(timer));
  });
  const why = { code: 'E_PREBUILD_FETCH', message: expect.stringContaining('not done after 400 ms') as string };
  await expect(readFromHttps(new URL(origin), LIMIT, { ca, totalMs: 400 })).rejects.toMatchObject(why);
});

test('another answer than 200 is E_PREBUILD_FETCH, and a message shows no password and no query', async () => {
  const { origin, ca } = await httpsServer((_, response) => response.writeHead(503).end());
  const url = new URL('/file?token=hush', origin);
  url.username = 'op';
  url.password = 'hush';
  const error: unknown = await readFromHttps(url, LIMIT, { ca }).catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'E_PREBUILD_FETCH', message: expect.stringContaining('503') as string });
  expect((error as Error).message).not.toContain('hush');
});

test('nobody at the other end is E_PREBUILD_FETCH', async () => {
  await expect(readFromHttps(new URL('https://127.0.0.1:1/'), LIMIT)).rejects.toMatchObject({
    code: 'E_PREBUILD_FETCH',
  });
});
