import type { Attacker, FailureGroup, SessionGroup } from '../contract/attacker.js';
import { scoreAttacker } from './score.js';

const DECKY_NAMES_MAX = 100;
const SERVICE_NAMES_MAX = 32;

/** All columns of an address's row but those that remember: undefined = nothing counts, and there is no row. */
export function describeAddress(
  srcIp: string,
  sessions: readonly SessionGroup[],
  failures: readonly FailureGroup[],
): Omit<Attacker, 'updated_at'> | undefined {
  const all = [...sessions, ...failures];
  if (all.length === 0) return undefined;
  const deckies = [...new Set(all.map(({ decky }) => decky))].toSorted();
  const services = [...new Set(all.map(({ service }) => service))].toSorted();
  const commands = sum(sessions, ({ commands: n }) => n);
  const classed = sessions.filter((group) => group.class !== null);
  return {
    src_ip: srcIp,
    first_seen: all.reduce((first, { first_at: at }) => Math.min(first, at), Infinity),
    last_seen: all.reduce((last, { last_at: at }) => Math.max(last, at), -Infinity),
    sessions: sum(sessions, ({ sessions: n }) => n),
    session_kinds: countBy(sessions, ({ kind }) => kind),
    deckies: deckies.length,
    decky_names: deckies.slice(0, DECKY_NAMES_MAX),
    services: services.length,
    service_names: services.slice(0, SERVICE_NAMES_MAX),
    commands,
    failures: sum(failures, ({ failures: n }) => n),
    classes: countBy(classed, (group) => group.class ?? 'unknown'),
    ...scoreAttacker({
      deckies: deckies.length,
      commands,
      failuresBeforeLogin: sum(failures, ({ before_login: n }) => (n >= GUESSES_MIN ? n : 0)),
      fetching: sum(sessions, ({ fetching: n }) => n),
      persisting: sum(sessions, ({ persisting: n }) => n),
      covering: sum(sessions, ({ covering: n }) => n),
      human: sum(sessions, (group) => (group.class === 'human' ? group.sessions : 0)),
      hiddenTyping: sum(sessions, ({ hidden_typing: n }) => n),
      pasted: sum(sessions, ({ pasted: n }) => n),
      long: sum(sessions, ({ long: n }) => n),
    }),
  };
}

/** Fewer refused logins on one decky's service are somebody who mistyped. */
const GUESSES_MIN = 5;

function sum<Group>(groups: readonly Group[], count: (group: Group) => number): number {
  return groups.reduce((total, group) => total + count(group), 0);
}

/** Sessions by what `name` says, in the order of the names. */
function countBy<Name extends string>(
  groups: readonly SessionGroup[],
  name: (group: SessionGroup) => Name,
): Partial<Record<Name, number>> {
  const names = [...new Set(groups.map(name))].toSorted();
  return Object.fromEntries(
    names.map((one) => [one, sum(groups, (group) => (name(group) === one ? group.sessions : 0))]),
  ) as Partial<Record<Name, number>>;
}
