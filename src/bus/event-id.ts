import { randomFillSync } from 'node:crypto';

const ID_BYTES = 16;
const pool = Buffer.alloc(ID_BYTES * 256);
let at = pool.length;

/** 32 hex digits that nobody had before. Chance is fetched in bulk: an event must not cost a system call. */
export function eventId(): string {
  if (at === pool.length) {
    randomFillSync(pool);
    at = 0;
  }
  at += ID_BYTES;
  return pool.toString('hex', at - ID_BYTES, at);
}
