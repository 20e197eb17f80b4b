import { createDropOldestQueue } from '../drop-oldest-queue.js';
import { QUEUE_MAX_EVENTS } from '../limits.js';
import { createRouter, type Router } from '../router.js';
import type { Link, LinkSink, Transport } from '../transport.js';

/** A bus within one process: what the server does, without sockets. Nobody is kept from `system.*.control` in it. */
export interface FakeHub {
  /** As if the server were stopped, and started again. */
  stop(): void;
  start(): void;
}

interface Hub extends FakeHub {
  readonly router: Router<FakePeer>;
  readonly peers: Set<FakePeer>;
  isUp: boolean;
}

interface FakePeer {
  readonly wanted: Set<string>;
  deliver(topic: string, body: Buffer): void;
  came(): void;
  went(): void;
}

const hubs = new Map<string, Hub>();

/** `fake:NAME`: everybody in this process who opens the same name. */
export const fakeTransport: Transport = {
  scheme: 'fake',
  open: (address, _options, sink) => joinHub(hubNamed(address), sink),
};

/** The hub behind `fake:NAME`, for tests that stop and start it. */
export function fakeHub(name: string): FakeHub {
  return hubNamed(name);
}

function hubNamed(name: string): Hub {
  const known = hubs.get(name);
  if (known !== undefined) return known;
  const hub: Hub = {
    router: createRouter(),
    peers: new Set(),
    isUp: true,
    stop() {
      if (!hub.isUp) return;
      hub.isUp = false;
      for (const peer of hub.peers) hub.router.removeAll(peer);
      for (const peer of hub.peers) peer.went();
    },
    start() {
      if (hub.isUp) return;
      hub.isUp = true;
      for (const peer of hub.peers) peer.came();
    },
  };
  hubs.set(name, hub);
  return hub;
}

function joinHub(hub: Hub, sink: LinkSink): Link {
  const events = createDropOldestQueue<() => void>(QUEUE_MAX_EVENTS);
  let answers: (() => void)[] = [];
  let isScheduled = false;
  let isClosed = false;
  let returns = 0;
  /** How many askings for a pattern are unanswered. */
  const unanswered = new Map<string, number>();

  /** Never within the caller's turn, answers first, and in order: as a socket would bring it. */
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      // What is asked for meanwhile comes in the next turn.
      const due = answers;
      answers = [];
      for (let left = events.size; left > 0; left--) {
        const event = events.shift();
        if (event !== undefined) due.push(event);
      }
      for (const run of due) if (!isClosed) run();
    });
  }

  function answer(run: () => void): void {
    answers.push(run);
    schedule();
  }

  function askFor(pattern: string): void {
    hub.router.add(peer, pattern);
    unanswered.set(pattern, (unanswered.get(pattern) ?? 0) + 1);
    answer(() => {
      const left = (unanswered.get(pattern) ?? 0) - 1;
      if (left > 0) unanswered.set(pattern, left);
      else if (unanswered.delete(pattern) && hub.isUp && peer.wanted.has(pattern)) sink.inForce(pattern);
    });
  }

  const peer: FakePeer = {
    wanted: new Set(),
    deliver(topic, body) {
      events.push(() => {
        sink.event(topic, body);
      });
      schedule();
    },
    came() {
      returns++;
      for (const pattern of peer.wanted) askFor(pattern);
    },
    went() {
      events.clear();
      answers = [];
      unanswered.clear();
      answer(() => {
        sink.away();
      });
    },
  };
  hub.peers.add(peer);

  return {
    get reconnects() {
      return returns;
    },
    get trouble() {
      return hub.isUp ? null : 'the fake bus is stopped';
    },
    send(topic, body) {
      if (!hub.isUp || isClosed) return Promise.resolve(false);
      for (const wanting of hub.router.route(topic)) wanting.deliver(topic, body);
      return Promise.resolve(true);
    },
    want(pattern) {
      const isNew = !peer.wanted.has(pattern);
      peer.wanted.add(pattern);
      if (!hub.isUp) sink.away();
      else if (isNew) askFor(pattern);
      return hub.isUp && !unanswered.has(pattern);
    },
    unwant(pattern) {
      peer.wanted.delete(pattern);
      hub.router.remove(peer, pattern);
    },
    async close() {
      isClosed = true;
      hub.router.removeAll(peer);
      hub.peers.delete(peer);
      await Promise.resolve();
    },
  };
}
