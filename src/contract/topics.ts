/** Every topic there is, built only here; who rings it and whom it wakes is in docs/bus.md. */
export const topics = {
  /** Type `line`: the collector spooled lines; type `batch_committed`: the ingester committed them. */
  systemLog: 'system.log',
  sessionStarted: 'attacker.session.started',
  sessionEnded: 'attacker.session.ended',
  sessionProfiled: 'attacker.session.profiled',
  attackerObserved: 'attacker.observed',
  attackerScored: 'attacker.scored',
  deckyState: (decky: string) => `decky.${token(decky)}.state`,
  deckyLifecycle: (decky: string) => `decky.${token(decky)}.lifecycle`,
  deckyTraffic: (decky: string) => `decky.${token(decky)}.traffic`,
  deckyMutateRequest: (decky: string) => `decky.${token(decky)}.mutate_request`,
  deckyMutation: (decky: string) => `decky.${token(decky)}.mutation`,
  deckyFingerprint: (decky: string) => `decky.${token(decky)}.fingerprint`,
  deckyDivergence: (decky: string) => `decky.${token(decky)}.divergence`,
  topologyMutation: (topology: string, state: MutationStep) => `topology.${token(topology)}.mutation.${state}`,
  topologyStatus: (topology: string) => `topology.${token(topology)}.status`,
  busHealth: 'system.bus.health',
  workerHealth: (worker: string) => `system.${token(worker)}.health`,
  workerControl: (worker: string) => `system.${token(worker)}.control`,
} as const;

/** What a mutation goes through, in order; `failed` instead of `applied` where it went wrong. */
export const MUTATION_STEPS = ['enqueued', 'applying', 'applied', 'failed'] as const;
export type MutationStep = (typeof MUTATION_STEPS)[number];

/** Who may order a worker about is decided by topic: these are taken from few. */
export const CONTROL_PATTERN = 'system.*.control';

/** `{id}` in a topic. A bug where it is not `[a-z0-9-]{1,63}`: ids are checked where they come in. */
function token(id: string): string {
  if (!/^[a-z0-9-]{1,63}$/.test(id)) throw new TypeError(`not an id of a topic: ${JSON.stringify(id)}`);
  return id;
}
