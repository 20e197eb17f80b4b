import { createHash } from 'node:crypto';
import type { DeckyServiceName, Fleet, FleetDecky } from '../contract/fleet.js';
import type { DeckyDescription } from './build-folder.js';
import { containerName, formatComposeFile } from './compose-file.js';
import type { DeployPaths } from './deploy-paths.js';
import { imageTag } from './image-tag.js';

/** One container that is to be. */
export interface PlannedContainer {
  readonly name: string;
  readonly decky: FleetDecky;
  readonly service: DeckyServiceName;
  /** Name and tag. */
  readonly image: string;
  readonly description: DeckyDescription;
}

export interface DeployPlan {
  readonly fleet: Fleet;
  readonly containers: readonly PlannedContainer[];
  readonly composeText: string;
}

export interface PlanOptions {
  readonly paths: DeployPaths;
  readonly publicKey: string;
  readonly readersGid: number;
}

/** All that a fleet comes to; nothing is touched. */
export function planDeploy(fleet: Fleet, options: PlanOptions): DeployPlan {
  const { paths, publicKey, readersGid } = options;
  const containers = fleet.deckies.flatMap((decky) =>
    decky.services.map((service): PlannedContainer => {
      const description: DeckyDescription = {
        decky: decky.name,
        service,
        hostname: decky.hostname,
        users: decky.users,
        publicKey,
        readersGid,
        baseImage: decky.base_image,
        // No two installs have the same deckies; one decky is the same host in all its services.
        seed: createHash('sha256').update(`${publicKey}\0${decky.name}`).digest('hex'),
      };
      return { name: containerName(decky.name, service), decky, service, image: imageTag(description), description };
    }),
  );
  const images = new Map(containers.map(({ name, image }) => [name, image]));
  return { fleet, containers, composeText: formatComposeFile(fleet, { paths, images }) };
}
