import type { Verb } from '../cli.js';
import { attackerVerb } from './attacker.js';
import { attackersVerb } from './attackers.js';
import { busVerb } from './bus.js';
import { configVerb } from './config.js';
import { deployVerb } from './deploy.js';
import { doctorVerb } from './doctor.js';
import { exportVerb } from './export.js';
import { ingestVerb } from './ingest.js';
import { initVerb } from './init.js';
import { pathVerb } from './path.js';
import { playVerb } from './play.js';
import { prebuildsVerb } from './prebuilds.js';
import { profileVerb } from './profile.js';
import { pubVerb } from './pub.js';
import { recordVerb } from './record.js';
import { sessionsVerb } from './sessions.js';
import { showVerb } from './show.js';
import { statusVerb } from './status.js';
import { subVerb } from './sub.js';
import { teardownVerb } from './teardown.js';
import { verifyVerb } from './verify.js';
import { workerVerb } from './worker.js';
import { workersVerb } from './workers.js';

/** Every verb, in the order that `decnet help` lists them. */
export const VERBS: readonly Verb[] = [
  recordVerb,
  sessionsVerb,
  showVerb,
  playVerb,
  exportVerb,
  profileVerb,
  verifyVerb,
  attackersVerb,
  attackerVerb,
  ingestVerb,
  initVerb,
  deployVerb,
  teardownVerb,
  statusVerb,
  doctorVerb,
  busVerb,
  pubVerb,
  subVerb,
  workerVerb,
  workersVerb,
  pathVerb,
  prebuildsVerb,
  configVerb,
];
