/**
 * A collector in small, to be killed: reads one source and appends each batch with its position to a file, by one write, as
 * the spool does. Words: engine's socket, kind, where, file, slowness (ms between reads).
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import type { SourceBatch, SourcePlace } from '../../../src/workers/collector/source.js';
import { createSourceOpener } from '../../../src/workers/collector/sources/open-sources.js';

const [engineSocket = '', kind = 'container', at = '', out = '', slowness = '0'] = process.argv.slice(2);
const written = existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : [];
const last = written.at(-1);
const position = last === undefined ? undefined : (JSON.parse(last) as SourceBatch).position;
const place = {
  id: `${kind}:${at}`,
  decky: 'omega',
  service: null,
  kind: kind as SourcePlace['kind'],
  at,
  untrusted: false,
};
const opener = createSourceOpener({ engineSocket, group: 'root' });
const source = opener.open(place, { position, now: Date.now });
for (;;) {
  const batch = await source.read({ maxLines: 200, maxBytes: 65_536 });
  if (batch !== undefined) appendFileSync(out, `${JSON.stringify(batch)}\n`);
  if (Number(slowness) > 0) await new Promise((done) => setTimeout(done, Number(slowness)));
  if (batch?.more === true) continue;
  // A timer that keeps the process alive, as AbortSignal.timeout() does not.
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), 200);
  await source.readable(waiting.signal);
  clearTimeout(timer);
}
