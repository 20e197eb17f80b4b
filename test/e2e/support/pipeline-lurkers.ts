import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import type { PipelinePlace } from './pipeline.js';

const MB = 1024 * 1024;

/** What each connection does, in turn, and then stays. */
const HABITS: readonly ((socket: Socket) => void)[] = [
  () => undefined,
  (socket) => socket.write('<134>1 2026-11-23T11:35:07Z omega sessrec - half a li'),
  (socket) => socket.write('999999999999 <134>1 '),
  (socket) => socket.write('1000000 <134>1 '),
  (socket) => socket.write(randomBytes(MB)),
  (socket) => socket.write(Buffer.alloc(4 * MB, 'A')),
  (socket) => {
    const drip = setInterval(() => socket.write('x'), 20);
    socket.on('close', () => clearInterval(drip));
  },
];

/** Clients of a stream socket who never come to a point. A collector may hang up on any of them. */
export function openLurkers(place: PipelinePlace, path: string, many: number): void {
  for (let i = 0; i < many; i++) {
    const socket = connect(path);
    socket.on('error', () => undefined);
    socket.on('connect', () => HABITS[i % HABITS.length]?.(socket));
    place.closers.push(() => socket.destroy());
  }
}
