import type { Fleet, FleetDecky } from '../../contract/fleet.js';
import type { SeenContainer } from '../../deploy/judge-decky.js';
import type { TarEntry } from '../../deploy/read-tar-entry.js';

/** What the agent asks of the machine. Everything may throw DecnetError, and concerns that decky alone. */
export interface AgentHost {
  /** The fleet as the root-owned files say it was deployed, each decky with its addresses; undefined = there is none. */
  fleet(): Promise<Fleet | undefined>;
  /** true while `deploy` or `teardown` is at work: the rows are theirs until then. */
  isBeingDeployed(): boolean;
  /** One for each service, running or not. */
  containers(decky: FleetDecky): Promise<SeenContainer[]>;
  /** What stands at a path inside; null = nothing, or neither file nor link. What is longer than `bytesMax` throws E_ENGINE. */
  read(containerId: string, path: string, bytesMax: number): Promise<TarEntry | null>;
  /** Puts owners, modes and names of a decky's recordings right, and makes the next parts. Says what was not right. */
  patrol(decky: FleetDecky, containers: readonly SeenContainer[]): Promise<string[]>;
  /** A login of our own for each service. null = each was recorded whole; else what was not. */
  prove(decky: FleetDecky): Promise<string | null>;
  /** SHA-256 of the login-session that new logins get; null where the services have different ones, or none. */
  recorderDigest(decky: FleetDecky): Promise<string | null>;
  start(decky: FleetDecky): Promise<void>;
  stop(decky: FleetDecky): Promise<void>;
  /** Each container that was not started since `sinceMs`. */
  restart(decky: FleetDecky, sinceMs: number): Promise<void>;
  remove(decky: FleetDecky): Promise<void>;
  /** Brings the package's login-session into the decky and proves it. Says what was done; throws with the old one back in place. */
  update(decky: FleetDecky): Promise<string>;
  close(): void;
}
