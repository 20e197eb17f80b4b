import { DecnetError } from '../errors.js';
import { createEvent, encodeEvent, readEnvelope } from './envelope.js';
import { BODY_MAX_BYTES, NESTING_MAX, PATTERNS_MAX } from './limits.js';
import { isPattern, isTopic } from './match.js';
import { isNestedDeeper } from './nesting.js';
import { createRouter } from './router.js';
import { createSubscription, type OpenSubscription } from './subscription.js';
import type { Bus, EventDraft, LinkSink, Transport, TransportOptions } from './transport.js';

/** What every transport's bus does alike: checks, envelopes, subscriptions, counts. The link only carries. */
export function createBusClient(transport: Transport, address: string, options: TransportOptions): Bus {
  const { log, clock } = options;
  const subscriptions = createRouter<OpenSubscription>();
  const byPattern = new Map<string, Set<OpenSubscription>>();
  const complained = new Set<string>();
  const counts = { published: 0, unpublished: 0, received: 0, overflowed: 0 };
  let isClosed = false;

  const sink: LinkSink = {
    event(topic, body) {
      const wanted = subscriptions.route(topic);
      const envelope = readEnvelope(topic, body, clock.nowMs());
      // What is no envelope is a server's mistake, and no reason to fall.
      if (typeof envelope === 'string' || wanted.length === 0) return;
      counts.received++;
      for (const subscription of wanted) subscription.push({ kind: 'event', event: envelope.event });
    },
    inForce(pattern) {
      for (const subscription of byPattern.get(pattern) ?? []) subscription.inForce();
    },
    away() {
      for (const own of byPattern.values()) for (const subscription of own) subscription.away();
    },
  };
  const link = transport.open(address, options, sink);

  /** Whether it is on its way. Throws for what can never be. */
  function send(topic: string, draft: EventDraft): Promise<boolean> {
    if (!isTopic(topic)) throw new DecnetError('E_BUS_TOPIC', `${shorten(topic)} is no topic to publish to`);
    const body = encode(topic, draft);
    return isClosed ? GONE : link.send(topic, body);
  }

  function count(isSent: boolean): boolean {
    if (isSent) counts.published++;
    else counts.unpublished++;
    return isSent;
  }

  function encode(topic: string, draft: EventDraft): Buffer {
    let body: Buffer;
    try {
      body = encodeEvent(createEvent(topic, draft, clock.nowMs()));
    } catch (cause) {
      throw new DecnetError('E_BUS_EVENT', `cannot publish ${shorten(topic)}: ${(cause as Error).message}`, { cause });
    }
    const why =
      body.length > BODY_MAX_BYTES
        ? `longer than ${BODY_MAX_BYTES} bytes`
        : isNestedDeeper(body, NESTING_MAX) && `nested more than ${NESTING_MAX} deep`;
    if (why === false) return body;
    throw new DecnetError('E_BUS_EVENT', `cannot publish ${shorten(topic)}: ${why}`);
  }

  function forget(subscription: OpenSubscription): void {
    const { pattern } = subscription;
    subscriptions.removeAll(subscription);
    const own = byPattern.get(pattern);
    own?.delete(subscription);
    if (own?.size !== 0) return;
    byPattern.delete(pattern);
    if (!isClosed) link.unwant(pattern);
  }

  return {
    scheme: transport.scheme,
    async publish(topic, draft) {
      if (count(await send(topic, draft))) return;
      const why = isClosed ? 'it was closed here' : (link.trouble ?? 'the bus cannot keep up');
      throw new DecnetError('E_BUS_DOWN', `cannot publish ${shorten(topic)}: ${why}`);
    },
    async publishSafely(topic, draft) {
      try {
        // The link says itself when the bus is away.
        return count(await send(topic, draft));
      } catch (error) {
        const code = error instanceof DecnetError ? error.code : 'E_BUS_EVENT';
        // A caller's mistake is said once of each kind.
        if (!complained.has(code)) {
          complained.add(code);
          log({ level: 'warning', message: `${(error as Error).message}; further ones like it are not mentioned` });
        }
        return false;
      }
    },
    subscribe(pattern) {
      if (!isPattern(pattern))
        throw new DecnetError('E_BUS_TOPIC', `${shorten(pattern)} is no pattern to subscribe to`);
      if (!byPattern.has(pattern) && byPattern.size >= PATTERNS_MAX) {
        throw new DecnetError(
          'E_BUS_TOPIC',
          `cannot subscribe to ${shorten(pattern)}: more than ${PATTERNS_MAX} patterns`,
        );
      }
      const subscription = createSubscription(pattern, () => counts.overflowed++, forget);
      if (isClosed) {
        subscription.close();
        return subscription;
      }
      const own = byPattern.get(pattern) ?? new Set();
      byPattern.set(pattern, own.add(subscription));
      subscriptions.add(subscription, pattern);
      if (link.want(pattern)) subscription.inForce();
      return subscription;
    },
    stats: () => ({ ...counts, reconnects: link.reconnects, trouble: link.trouble }),
    async close() {
      if (isClosed) return;
      isClosed = true;
      for (const own of [...byPattern.values()]) for (const subscription of [...own]) subscription.close();
      await link.close();
    },
  };
}

const GONE = Promise.resolve(false);

/** For a message: whatever it is, one line of ASCII. */
function shorten(text: string): string {
  const json = JSON.stringify(text.slice(0, 80)).replace(/[^ -~]/g, '?');
  return text.length > 80 ? `${json.slice(0, -1)}…"`.replace('…', '...') : json;
}
