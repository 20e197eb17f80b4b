import type { Socket } from 'node:net';
import { createFrameDecoder, encodeFrame, type Frame } from './frame.js';
import { FRAME_TIMEOUT_MS, PATTERNS_MAX } from './limits.js';
import { isPattern } from './match.js';
import type { Router } from './router.js';
import { createSendQueue } from './send-queue.js';

/** Who is at the other end of a socket, by the kernel's word. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
}

export interface ServerConnection {
  /** What HELLO said; `-` without one. */
  readonly name: string;
  readonly peer: Peer | null;
  readonly delivered: number;
  readonly dropped: number;
  send(event: Buffer): void;
  /** Cuts off a client whose frame does not come to its end. */
  checkDeadline(nowMs: number): void;
  /** BYE, after what waits. */
  end(): void;
  destroy(): void;
}

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly peer: Peer | null;
  readonly router: Router<ServerConnection>;
  readonly monotonicMs: () => number;
  /** A PUB. Answers why the connection must be closed for it, or null. */
  readonly onPublish: (connection: ServerConnection, topic: string, body: Buffer) => string | null;
  /** Before the connection is closed for what it did. */
  readonly onFault: (connection: ServerConnection, why: string) => void;
  readonly onClose: (connection: ServerConnection) => void;
}

const NAME_MAX_CHARACTERS = 64;
const FLAGS_MAX = 8;
const BYE = encodeFrame('BYE', []);

/** One client of the server: its frames, its patterns, what waits for it. */
export function createServerConnection(options: ConnectionOptions): ServerConnection {
  const { socket, router, monotonicMs } = options;
  const queue = createSendQueue(socket);
  const decoder = createFrameDecoder(onFrame);
  let name = '-';
  let acks = false;
  let isOver = false;
  /** Since when a frame is awaited that must come, or after BYE the end; null = nothing is. */
  let awaitedSinceMs: number | null = monotonicMs();

  const connection: ServerConnection = {
    get name() {
      return name;
    },
    peer: options.peer,
    get delivered() {
      return queue.delivered;
    },
    get dropped() {
      return queue.dropped;
    },
    send: (event) => {
      queue.event(event);
    },
    checkDeadline(nowMs) {
      if (awaitedSinceMs === null || nowMs - awaitedSinceMs < FRAME_TIMEOUT_MS) return;
      if (isOver) socket.destroy();
      else fail('frame not complete in time');
    },
    end() {
      isOver = true;
      queue.end(BYE);
    },
    destroy: () => socket.destroy(),
  };

  socket.on('data', (chunk) => {
    if (isOver) return;
    const before = decoder.frameCount;
    const fault = decoder.push(chunk);
    if (fault !== null) fail(fault);
    else expectNext(before);
  });
  socket.on('error', () => socket.destroy());
  socket.once('close', () => {
    isOver = true;
    router.removeAll(connection);
    options.onClose(connection);
  });
  return connection;

  /** A frame that has begun must come to its end, and so must the first. */
  function expectNext(frameCountBefore: number): void {
    if (isOver) return;
    if (!decoder.isMidFrame && decoder.frameCount > 0) awaitedSinceMs = null;
    else if (decoder.frameCount > frameCountBefore || awaitedSinceMs === null) awaitedSinceMs = monotonicMs();
  }

  function onFrame(frame: Frame): boolean {
    const fault = handle(frame);
    if (fault !== null) fail(fault);
    return !isOver;
  }

  /** Answers why the connection cannot go on, or null. */
  function handle({ verb, args, body }: Frame): string | null {
    const [arg = ''] = args;
    switch (verb) {
      case 'PUB':
        return args.length === 1 ? options.onPublish(connection, arg, body) : 'PUB takes one topic';
      case 'SUB':
        if (args.length !== 1 || !isPattern(arg)) return 'SUB takes one pattern';
        router.add(connection, arg);
        if (router.patternsOf(connection).size > PATTERNS_MAX) return 'too many patterns';
        return answer(verb, args);
      case 'UNSUB':
        if (args.length !== 1 || !isPattern(arg)) return 'UNSUB takes one pattern';
        router.remove(connection, arg);
        return answer(verb, args);
      case 'HELLO':
        if (args.length === 0 || args.length > 1 + FLAGS_MAX) return 'HELLO takes a name and flags';
        if (args.some((word) => word.length > NAME_MAX_CHARACTERS)) return 'HELLO with a name or flag that is too long';
        name = arg;
        acks = args.slice(1).includes('acks');
        return answer(verb, args);
      case 'BYE':
        isOver = true;
        awaitedSinceMs = monotonicMs();
        router.removeAll(connection);
        // What was asked for before is still sent.
        queue.end();
        return null;
      default:
        return `unknown verb ${verb}`;
    }
  }

  function answer(verb: string, args: readonly string[]): string | null {
    if (!acks || queue.answer(encodeFrame('OK', [verb, ...args]))) return null;
    return 'reads no answers';
  }

  function fail(why: string): void {
    if (isOver) return;
    isOver = true;
    options.onFault(connection, why);
    socket.destroy();
  }
}
