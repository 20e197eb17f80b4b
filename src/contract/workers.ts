/** A worker as every part of decnet knows it: the one list of names, hosts, start order and units. */
export interface WorkerEntry {
  readonly name: string;
  /** The process that does its work and beats for it, where it has none of its own. */
  readonly host: string | null;
  /** What systemd calls its process. */
  readonly unit: string;
  /** For a person: what it is there for. */
  readonly purpose: string;
}

/** Every worker, in start order: who makes something comes before who eats it. The bus comes before all of them. */
export const WORKERS = [
  {
    name: 'collector',
    host: null,
    unit: 'decnet-collector.service',
    purpose: 'takes the log streams of the deckies into the spool',
  },
  {
    name: 'ingester',
    host: null,
    unit: 'decnet-ingester.service',
    purpose: 'turns spool and shards into tables and profiles',
  },
  {
    name: 'profiler',
    host: null,
    unit: 'decnet-profiler.service',
    purpose: 'tells who the attackers are, and which sessions are similar',
  },
  {
    name: 'correlator',
    host: 'profiler',
    unit: 'decnet-profiler.service',
    purpose: 'follows attackers over deckies',
  },
  {
    name: 'agent',
    host: null,
    unit: 'decnet-agent.service',
    purpose: 'executes orders on deckies, and says how they are',
  },
  {
    name: 'updater',
    host: null,
    unit: 'decnet-updater.service',
    purpose: 'rolls a new login-session through running deckies',
  },
  {
    name: 'prober',
    host: null,
    unit: 'decnet-prober.service',
    purpose: 'takes the fingerprints of our own deckies',
  },
  {
    name: 'mutator',
    host: null,
    unit: 'decnet-mutator.service',
    purpose: 'carries out mutations of topologies',
  },
  {
    name: 'sniffer',
    host: null,
    unit: 'decnet-sniffer.service',
    purpose: 'sums up the traffic of deckies',
  },
  {
    name: 'forwarder',
    host: null,
    unit: 'decnet-forwarder.service',
    purpose: 'hands log lines and findings on to a SIEM',
  },
] as const satisfies readonly WorkerEntry[];

export type WorkerName = (typeof WORKERS)[number]['name'];

export const WORKER_NAMES: readonly WorkerName[] = WORKERS.map(({ name }) => name);
