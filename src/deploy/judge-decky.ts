import type { DeckyRow, DeckyState } from '../contract/decky-row.js';
import type { DeckyServiceName } from '../contract/fleet.js';

/** One container of a decky, as the engine has it now. */
export interface SeenContainer {
  readonly service: DeckyServiceName;
  readonly name: string;
  /** null = there is none. */
  readonly id: string | null;
  readonly running: boolean;
  /** Tells one of its runs from another. */
  readonly run: string;
  /** In what it is not as it was deployed; null = in nothing. */
  readonly drift: string | null;
}

/** The last login of our own. */
export interface ProvenLogin {
  readonly at: number;
  /** null = it was recorded whole. */
  readonly problem: string | null;
}

export interface DeckyEvidence {
  readonly containers: readonly SeenContainer[];
  /** Why logins are not recorded, as far as it can be seen without one: /etc/passwd, what is mounted. null = no reason is seen. */
  readonly trouble: string | null;
  /** Of this run of the containers; null = not tried yet, or of no account any more. */
  readonly proof: ProvenLogin | null;
}

export interface JudgedDecky {
  readonly state: DeckyState;
  readonly reason: string | null;
}

/** What state a decky is in. `before` is its row; null = there is none. */
export function judgeDecky(before: Pick<DeckyRow, 'state' | 'reason'> | null, evidence: DeckyEvidence): JudgedDecky {
  const { containers, trouble, proof } = evidence;
  const down = containers.filter(({ running }) => !running);
  if (down.length > 0) {
    if (before?.state === 'stopped' && down.length === containers.length) {
      return { state: 'stopped', reason: before.reason };
    }
    const missing = down.filter(({ id }) => id === null);
    const what = (some: readonly SeenContainer[]) => some.map(({ service }) => service).join(' and ');
    const reason = missing.length > 0 ? `${what(missing)} has no container` : `${what(down)} is not running`;
    return { state: 'failed', reason };
  }
  const drift = containers.find((container) => container.drift !== null);
  if (drift !== undefined) return { state: 'blind', reason: `${drift.service}: ${drift.drift}` };
  if (trouble !== null) return { state: 'blind', reason: trouble };
  if (proof !== null) {
    return proof.problem === null ? { state: 'healthy', reason: null } : { state: 'blind', reason: proof.problem };
  }
  // Until a login says otherwise it is what it was; what was wrong and is so no more is still to be proven.
  if (before?.state === 'healthy' || before?.state === 'blind') return { state: before.state, reason: before.reason };
  return { state: 'deploying', reason: null };
}
