import { matches } from './match.js';

/** Who wants which topics. */
export interface Router<Subscriber> {
  /** Patterns, over all subscribers. */
  readonly patternCount: number;
  add(subscriber: Subscriber, pattern: string): void;
  remove(subscriber: Subscriber, pattern: string): void;
  removeAll(subscriber: Subscriber): void;
  patternsOf(subscriber: Subscriber): ReadonlySet<string>;
  /** Each subscriber once, however many of its patterns match. */
  route(topic: string): readonly Subscriber[];
}

/** Topics come again and again, and subscriptions seldom change: routes are kept until one does. */
const KEPT_ROUTES_MAX = 1024;
const NONE: ReadonlySet<string> = new Set();

export function createRouter<Subscriber>(): Router<Subscriber> {
  const patterns = new Map<Subscriber, Set<string>>();
  const routes = new Map<string, readonly Subscriber[]>();
  return {
    get patternCount() {
      return [...patterns.values()].reduce((sum, { size }) => sum + size, 0);
    },
    add(subscriber, pattern) {
      const own = patterns.get(subscriber);
      if (own === undefined) patterns.set(subscriber, new Set([pattern]));
      else own.add(pattern);
      routes.clear();
    },
    remove(subscriber, pattern) {
      if (patterns.get(subscriber)?.delete(pattern) === true) routes.clear();
    },
    removeAll(subscriber) {
      if (patterns.delete(subscriber)) routes.clear();
    },
    patternsOf: (subscriber) => patterns.get(subscriber) ?? NONE,
    route(topic) {
      const kept = routes.get(topic);
      if (kept !== undefined) return kept;
      const found = [...patterns]
        .filter(([, own]) => [...own].some((pattern) => matches(pattern, topic)))
        .map(([subscriber]) => subscriber);
      if (routes.size === KEPT_ROUTES_MAX) routes.clear();
      routes.set(topic, found);
      return found;
    },
  };
}
