import type { Config } from '../../config/schema.js';
import type { NativeAddon } from '../../native/addon-types.js';
import type { Store } from '../../store/open.js';
import type { DeployPaths } from '../deploy-paths.js';

/** `failed`: what decnet is for does not work, or not safely. `warning`: it works, and somebody should know. */
export type DoctorState = 'good' | 'warning' | 'failed' | 'skipped';

export interface DoctorFinding {
  readonly state: DoctorState;
  /** One sentence. */
  readonly what: string;
  /** What to do about it: one line; null where there is nothing to do. */
  readonly next: string | null;
}

/** What the checks may look at. They change nothing: what one has to make to see whether it can, has no name or is gone after. */
export interface DoctorEnv {
  readonly config: Config;
  readonly configFile: string;
  readonly paths: DeployPaths;
  readonly uid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch ms. */
  readonly now: () => number;
  readonly addon: NativeAddon;
  /** Throws E_STORE…; undefined = there is no database yet. */
  readonly store: () => Promise<Store | undefined>;
  /** true = somebody serves the bus. */
  readonly isBusThere: () => Promise<boolean>;
  /** Throws E_NATIVE_MISSING. */
  readonly recorder: () => string;
}

/** One file in this folder, one line in index.ts. Throws DecnetError and the system's errors: that is a failed check. */
export interface DoctorCheck {
  readonly name: string;
  readonly run: (env: DoctorEnv) => Promise<DoctorFinding[]>;
}

export const good = (what: string): DoctorFinding => ({ state: 'good', what, next: null });
export const skipped = (what: string): DoctorFinding => ({ state: 'skipped', what, next: null });
export const warning = (what: string, next: string | null): DoctorFinding => ({ state: 'warning', what, next });
export const failed = (what: string, next: string | null): DoctorFinding => ({ state: 'failed', what, next });
