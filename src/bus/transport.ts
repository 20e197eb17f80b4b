import type { BusEvent } from '../contract/bus-event.js';
import type { BusClock } from './clock.js';

/** What a publisher says of an event; the rest of the envelope is made where it is missing. */
export interface EventDraft {
  readonly type: string;
  /** Anything that JSON can carry. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** 32 lower-case hex digits. Default: a fresh one. */
  readonly id?: string;
  /** Epoch seconds. Default: now. */
  readonly ts?: number;
}

/** What a subscription yields. After a gap events are missing before the next: look at the tables. */
export type BusMessage =
  | { readonly kind: 'event'; readonly event: BusEvent }
  | {
      readonly kind: 'gap';
      /** The bus was away; or this subscription was read too slowly. */
      readonly why: 'reconnected' | 'overflow';
      /** How many are missing; null = not known. */
      readonly dropped: number | null;
    };

/** Events on the topics that a pattern stands for, in order, from the moment when `ready` is true. */
export interface Subscription extends AsyncIterable<BusMessage> {
  readonly pattern: string;
  /** true = the pattern is in force; false = there is no bus now, or close() was first. Never rejects. */
  readonly ready: Promise<boolean>;
  /** The next message; undefined after close(). */
  next(): Promise<BusMessage | undefined>;
  /** Ends the iteration; what was not read is gone. */
  close(): void;
}

export interface BusStats {
  /** Handed to the bus; not handed over, because it was away or could not keep up. */
  readonly published: number;
  readonly unpublished: number;
  readonly received: number;
  /** Fell out of the queue of a subscription that was read too slowly. */
  readonly overflowed: number;
  readonly reconnects: number;
  /** Why there is no bus now; null = there is, or nobody has tried. */
  readonly trouble: string | null;
}

/** One process's end of the bus. Works alike over every transport; test/conformance/bus.ts says how. */
export interface Bus {
  readonly scheme: string;
  /**
   * Resolves when the event is on its way; whether anybody gets it is not known. Throws nothing, rejects with
   * E_BUS_TOPIC, E_BUS_EVENT (not JSON, too long), E_BUS_DOWN.
   */
  publish(topic: string, draft: EventDraft): Promise<void>;
  /** The same for those who go on whatever happens: false where publish would reject. */
  publishSafely(topic: string, draft: EventDraft): Promise<boolean>;
  /** Throws E_BUS_TOPIC for what is no pattern or one too many; never because the bus is away. */
  subscribe(pattern: string): Subscription;
  stats(): BusStats;
  /** What was published before is delivered before; all subscriptions end. */
  close(): Promise<void>;
}

export interface BusLogEntry {
  readonly level: 'info' | 'warning';
  /** One line of ASCII-safe text, without the program's name. */
  readonly message: string;
}

export type BusLog = (entry: BusLogEntry) => void;

export interface TransportOptions {
  /** What the server knows this client by: a worker's name. 1-64 of `[A-Za-z0-9_.-]`. */
  readonly name: string;
  readonly log: BusLog;
  readonly clock: BusClock;
  /** 0 <= n < 1, for jitter. */
  readonly random: () => number;
}

/** What a link tells of its bus. */
export interface LinkSink {
  /** An EVT: the body as it came. */
  event(topic: string, body: Buffer): void;
  /** The bus has this pattern, now or again. */
  inForce(pattern: string): void;
  /** There is no bus for now. */
  away(): void;
}

/** One process's connection, which mends itself. Everything that is alike for all transports is in client.ts. */
export interface Link {
  readonly reconnects: number;
  readonly trouble: string | null;
  /** False where the bus is away or cannot keep up. Never rejects. */
  send(topic: string, body: Buffer): Promise<boolean>;
  /** From now on, over every outage; the sink is told when the bus has it. True = it has it already. */
  want(pattern: string): boolean;
  unwant(pattern: string): void;
  /** After what was sent before; tells the sink nothing more. */
  close(): Promise<void>;
}

/** A way to a bus: one file in transports/, one line in transports/index.ts, held by test/conformance/bus.ts. */
export interface Transport {
  readonly scheme: string;
  /** Connects when first used. `address` is what follows `scheme:`. Throws E_BUS_ADDRESS for one that cannot be meant. */
  open(address: string, options: TransportOptions, sink: LinkSink): Link;
}
