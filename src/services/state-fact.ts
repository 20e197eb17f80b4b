import type { Finding, FindingKind } from '../contract/finding.js';
import type { WorkerName } from '../contract/workers.js';
import { eventIdOf } from '../std/event-id-of.js';
import type { Tables } from '../store/open.js';
import { formatLogLine, type LogStatement } from '../syslog/format.js';

export interface Fact {
  /** Who states it: APP-NAME of the line, `stated_by` of the finding. */
  readonly worker: WorkerName;
  readonly msgid: string;
  /** 6 states a fact, 4 warns. Default 6. */
  readonly severity?: 4 | 6;
  /** What makes it this fact and no other; the finding's key, too. */
  readonly key: string;
  /** Epoch ms. */
  readonly at: number;
  /** Whom the line is about; null = nobody in particular. */
  readonly decky: string | null;
  readonly service: string | null;
  readonly params: LogStatement['params'];
  /** Where a person should look at it. */
  readonly finding?: Pick<Finding, 'kind' | 'sid' | 'src_ip' | 'summary' | 'evidence'>;
}

/** Findings of one decky and kind in one UTC day: who can cause one can cause many. */
export const FINDINGS_A_DAY = 1000;

const DAY_MS = 86_400_000;

/**
 * States a fact: its log line into the outbox and, where there is one, the finding, once for a key however often it is
 * called. `tables` are those of the transaction in which the fact was found; it begins with a write. false = it was
 * stated before, or the day's findings of that decky and kind are used up (a last one says so). Throws E_STORE, E_STORE_BUSY.
 */
export async function stateFact(tables: Tables, fact: Fact): Promise<boolean> {
  return (await stateFacts(tables, [fact])) === 1;
}

/** As `stateFact`, for many: what is used up is not asked for again. Says how many were new. */
export async function stateFacts(tables: Tables, facts: readonly Fact[]): Promise<number> {
  const usedUp = new Set<string>();
  let stated = 0;
  for (const fact of facts) {
    const last = fact.finding && tooMany(fact, fact.finding.kind);
    if (last !== undefined && usedUp.has(last.key)) continue;
    if (await wasStated(tables, fact)) continue;
    if (last !== undefined && (await isUsedUp(tables, fact))) {
      usedUp.add(last.key);
      if (!(await wasStated(tables, last))) await put(tables, last);
    } else {
      await put(tables, fact);
      stated++;
    }
  }
  return stated;
}

/** The `event_id` of a fact's line: the same for the same fact. */
export function factId({ worker, key }: Pick<Fact, 'worker' | 'key'>): string {
  return eventIdOf(sourceOf(worker), key);
}

/** A worker's facts are a stream, as a decky's lines are. */
function sourceOf(worker: WorkerName): string {
  return `worker:${worker}`;
}

async function wasStated(tables: Tables, fact: Fact): Promise<boolean> {
  const stated = fact.finding === undefined ? tables.logs.get(factId(fact)) : tables.findings.get(fact.key);
  return (await stated) !== undefined;
}

async function isUsedUp(tables: Tables, { decky, at, finding }: Fact): Promise<boolean> {
  if (finding === undefined) return false;
  const day = dayOf(at);
  const stated = await tables.findings.count(decky, finding.kind, day, day + DAY_MS, FINDINGS_A_DAY);
  return stated >= FINDINGS_A_DAY;
}

function dayOf(at: number): number {
  return at - (at % DAY_MS);
}

async function put(tables: Tables, fact: Fact): Promise<void> {
  const { worker, key, at, decky, service, finding } = fact;
  if (finding !== undefined) {
    const unseen = { acknowledged_by: null, acknowledged_at: null };
    await tables.findings.state({ key, at, stated_by: worker, decky, service, ...finding, ...unseen });
  }
  const { msgid, severity = 6, params } = fact;
  const line = formatLogLine({ timeUs: at * 1000, app: worker, msgid, severity, params }).slice(0, -1);
  const source = sourceOf(worker);
  await tables.outbox.add({ event_id: factId(fact), source, decky, service, received_at: at, line });
}

/** What is said instead of everything beyond. */
function tooMany(fact: Fact, kind: FindingKind): Fact {
  const date = new Date(dayOf(fact.at)).toISOString().slice(0, 10);
  const summary = `more than ${String(FINDINGS_A_DAY)} findings of this kind on ${date}: further ones are not kept`;
  const said: Readonly<Record<string, string | null>> = { decky: fact.decky, what: 'too_many', detail: summary };
  return {
    ...fact,
    key: `${kind}/too_many/${fact.decky ?? '-'}/${date}`,
    service: null,
    params: fact.params.map(([name]) => [name, said[name] ?? null] as const),
    finding: { kind, sid: null, src_ip: null, summary, evidence: { date } },
  };
}
