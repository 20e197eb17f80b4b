import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from './temporary-prebuilds.js';

export interface HttpsServer {
  /** `https://127.0.0.1:PORT` */
  readonly origin: string;
  /** PEM of the authority that nobody but the test knows. */
  readonly ca: string;
  /** Paths asked for so far. */
  readonly asked: readonly string[];
}

/** A real https server with a certificate of its own, until the test's end. */
export async function httpsServer(listener: RequestListener): Promise<HttpsServer> {
  const { cert, key } = selfSigned();
  const asked: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    asked.push(request.url ?? '');
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: cert, asked };
}

let made: { cert: string; key: string } | undefined;

function selfSigned(): { cert: string; key: string } {
  if (made !== undefined) return made;
  const dir = temporaryFolder();
  const words = ['-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-subj', '/CN=test'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  execFileSync('openssl', ['req', '-x509', ...curve, ...words, '-addext', 'subjectAltName=IP:127.0.0.1'], {
    cwd: dir,
    stdio: 'ignore',
  });
  made = { cert: readFileSync(join(dir, 'cert.pem'), 'utf8'), key: readFileSync(join(dir, 'key.pem'), 'utf8') };
  return made;
}
