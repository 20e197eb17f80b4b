import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { deckyService } from '../../src/contract/fleet.js';
import type { DeckyContainerSeen, DeckyEngine } from '../../src/deploy/engine.js';

interface Told {
  readonly services: Record<string, { image: string; labels: Record<string, string>; hostname?: string }>;
}

/** An engine of files: a compose program, a script, that does as its file says, and a view of what it did. */
export interface FakeEngine {
  readonly folder: string;
  /** For PATH. */
  readonly bin: string;
  readonly engine: DeckyEngine;
  readonly images: () => string[];
  /** The words of every call. */
  readonly calls: () => string[];
  /** The next call of that verb says so and fails. */
  fail(verb: 'build' | 'up' | 'down', says: string): void;
}

/** Keeps what is "running" as a copy of the compose file, and an image as a file. */
const SCRIPT = `#!/bin/sh
[ "$1" = version ] && { echo 'fake-compose version 1'; exit 0; }
state=$(dirname "$0")/../state
file=$4
verb=$5
shift 4
echo "$*" >>"$state/calls"
if [ -e "$state/fail-$verb" ]; then
  cat "$state/fail-$verb" >&2
  rm "$state/fail-$verb"
  exit 17
fi
case $verb in
  build) shift; for name; do sed -n "s/^    image: \\($name:.*\\)/\\1/p" "$file" >>"$state/images"; done ;;
  up) cp "$file" "$state/running" ;;
  down) rm -f "$state/running" ;;
esac
`;

export function fakeEngine(): FakeEngine {
  const folder = mkdtempSync(join(tmpdir(), 'decnet-deploy-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const [bin, state] = [join(folder, 'bin'), join(folder, 'state')];
  for (const dir of [bin, state]) mkdirSync(dir);
  writeFileSync(join(bin, 'docker-compose'), SCRIPT);
  chmodSync(join(bin, 'docker-compose'), 0o755);
  const read = (name: string): string => (existsSync(join(state, name)) ? readFileSync(join(state, name), 'utf8') : '');
  const lines = (name: string): string[] =>
    read(name)
      .split('\n')
      .filter((line) => line !== '');
  let gone: string[] = [];

  function containers(): DeckyContainerSeen[] {
    const told = parse(read('running')) as Told | null;
    return Object.entries(told?.services ?? {})
      .map(([name, { image, labels, hostname }]) => ({
        // Another container for another image.
        id: `${name}/${image}/${hostname ?? ''}`,
        name,
        decky: labels['decnet.decky'] ?? '',
        service: deckyService.parse(labels['decnet.service']),
        image,
        running: true,
      }))
      .filter(({ id }) => !gone.includes(id));
  }

  return {
    folder,
    bin,
    images: () => lines('images'),
    calls: () => lines('calls'),
    fail: (verb, says) => {
      writeFileSync(join(state, `fail-${verb}`), `${says}\n`);
    },
    engine: {
      containers: () => Promise.resolve(containers()),
      hasImage: (tag) => Promise.resolve(lines('images').includes(tag)),
      removeImage(tag) {
        writeFileSync(
          join(state, 'images'),
          lines('images')
            .filter((one) => one !== tag)
            .map((one) => `${one}\n`)
            .join(''),
        );
        return Promise.resolve();
      },
      removeContainer(id) {
        gone = [...gone, id];
        return Promise.resolve();
      },
      close: () => undefined,
    },
  };
}
