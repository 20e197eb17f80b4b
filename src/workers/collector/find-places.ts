import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Config, LogSource } from '../../config/schema.js';
import { DECKY_NAME, SERVICE_NAME } from '../../contract/place-names.js';
import { DecnetError } from '../../errors.js';
import { listTranscripts } from '../../services/list-transcripts.js';
import type { SourceOpener, SourcePlace } from './source.js';

export interface FoundPlaces {
  /** No two with the same id: what is configured comes first. */
  readonly places: readonly SourcePlace[];
  /** Why some may be missing; null = they are not. */
  readonly trouble: string | null;
}

export interface PlaceFinder {
  /** What is there now. Rejects with E_CONFIG for a configured source that cannot be meant. */
  find(): Promise<FoundPlaces>;
}

/** Where the recorder puts log lines that PID 1's stdout did not take (docs/log-lines.md). */
const SPOOL_FILE = 'log-spool.rfc5424';

/** Configured sources, the recorder's spool files among the artifacts, the engine's labelled containers. */
export function createPlaceFinder(
  config: Pick<Config, 'log_sources' | 'artifacts_dir'>,
  opener: SourceOpener,
): PlaceFinder {
  // What could not be looked at is taken to be as it was: a source is not closed because the engine restarts.
  const artifacts = createLook(() => spoolFiles(config.artifacts_dir));
  const containers = createLook(() => opener.containers());
  let isFirst = true;
  return {
    async find() {
      const asked = containers.now();
      // An engine that takes its time holds up no stream: what it said is known at the next look.
      if (isFirst) await asked;
      isFirst = false;
      await artifacts.now();
      const configured = config.log_sources.map(configuredPlace);
      const byId = new Map<string, SourcePlace>();
      for (const place of [...configured, ...artifacts.places, ...containers.places]) {
        if (!byId.has(place.id)) byId.set(place.id, place);
      }
      const troubles = [artifacts.trouble, containers.trouble].filter((trouble) => trouble !== null);
      return { places: [...byId.values()], trouble: troubles.length > 0 ? troubles.join('; ') : null };
    },
  };
}

interface Look {
  places: readonly SourcePlace[];
  trouble: string | null;
  /** Resolves when it is known; asks only once at a time. */
  now(): Promise<void>;
}

function createLook(find: () => Promise<readonly SourcePlace[]>): Look {
  let asking: Promise<void> | undefined;
  const look: Look = {
    places: [],
    trouble: null,
    now: () => (asking ??= ask().finally(() => (asking = undefined))),
  };

  async function ask(): Promise<void> {
    try {
      look.places = await find();
      look.trouble = null;
    } catch (error) {
      if (!(error instanceof DecnetError)) throw error;
      look.trouble = `${error.message} (${error.code})`;
    }
  }

  return look;
}

function configuredPlace({ decky, service, kind, path, container }: LogSource): SourcePlace {
  const at = kind === 'container' ? container : path;
  if (at === undefined) {
    const missing = kind === 'container' ? 'container' : 'path';
    throw new DecnetError('E_CONFIG', `log_sources: the ${kind} of ${decky} has no ${missing}`);
  }
  const id = `${kind === 'container' ? 'docker' : kind}:${at}`;
  return { id, decky, service: service ?? null, kind, at, untrusted: false };
}

async function spoolFiles(artifactsDir: string): Promise<SourcePlace[]> {
  return (await listTranscripts(artifactsDir)).flatMap(({ decky, service, dir }) => {
    const at = join(dir, SPOOL_FILE);
    if (!DECKY_NAME.test(decky) || !SERVICE_NAME.test(service) || !isThere(at)) return [];
    return [{ id: `file:${at}`, decky, service, kind: 'file' as const, at, untrusted: true }];
  });
}

/** Whatever it is: that it is no regular file is for its source to say. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
