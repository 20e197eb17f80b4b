import { z } from 'zod';
import { SERVICE_NAME } from '../contract/place-names.js';
import { readIpAddress } from './ip-address.js';
import { RELAY_ELEMENT, type LogLine } from './log-line.js';

const text = z.string().max(256);
const word = z.string().regex(/^[a-z0-9_]{1,64}$/);
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const count = z
  .string()
  .regex(/^\d{1,15}$/)
  .transform(Number);
const seconds = z
  .string()
  .regex(/^\d{1,10}\.\d{6}$/)
  .transform(Number);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const address = z
  .string()
  .transform((value) => readIpAddress(value))
  .pipe(z.string());

/** A session's id, as the recorder writes it. */
export const SID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const sid = z.string().regex(SID);
const service = z.string().regex(SERVICE_NAME);
/** Of the part that was live: never a sealed one. */
const shard = z.string().regex(/^sessions-\d{4}-\d\d-\d\d(?:\.[1-9]\d{0,5})?\.jsonl$/);
const status = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().max(255))
  .nullable();
const signal = z
  .string()
  .regex(/^[A-Z][A-Z0-9+]{1,9}$/)
  .nullable();
const who = { service, src_ip: address.nullable(), user: text.nullable() };

/** What each of the recorder's lines must say to be one. Further parameters are a newer recorder's, and not read. */
const sessionLine = z.discriminatedUnion('msgid', [
  z.object({ msgid: z.literal('session_started'), sid, ...who, tty: text.nullable(), shard, protected: flag }),
  z.object({
    msgid: z.literal('session_recorded'),
    sid,
    ...who,
    duration_s: seconds,
    bytes: count,
    truncated: flag,
    reason: z.enum(['exit', 'signal', 'hangup', 'terminated']),
    status,
    signal,
    bytes_in: count,
    bytes_out: count,
    lines: count,
    sha256,
    shard,
    spooled: count.default(0),
  }),
  z.object({ msgid: z.literal('session_checkpoint'), sid, lines: count, bytes: count, sha256, shard }),
  z.object({ msgid: z.literal('session_skipped'), reason: word, ...who }),
  z.object({
    msgid: z.literal('session_exec'),
    sid,
    ...who,
    // Here `-` is what it is: a command is always known.
    command: z
      .string()
      .max(4096)
      .nullable()
      .transform((value) => value ?? '-'),
    command_bytes: count,
    command_sha256: sha256,
    duration_s: seconds,
    bytes_in: count.nullable(),
    bytes_out: count.nullable(),
    status,
    signal: signal.default(null),
  }),
]);

/** One of the recorder's lines, told apart by `msgid`; names, units and order are those of docs/log-lines.md. */
export type SessionLine = z.infer<typeof sessionLine>;

/**
 * What a line of the recorder says, every field of a shape that the recorder gives it; undefined for anything else. Well
 * formed is all that it is: whoever is in the decky can write such a line, and no field of it is believed here.
 */
export function readSessionLine(line: LogLine): SessionLine | undefined {
  if (line.app !== 'sessrec' || line.msgid === null || line.message !== '') return undefined;
  const [element, ...others] = line.data;
  if (element?.id !== RELAY_ELEMENT || others.length > 0) return undefined;
  const said = new Map<string, string | null>(
    element.params.map(([name, value]) => [name, value === '-' ? null : value]),
  );
  // Of two values for one name, which one another reader takes is anybody's guess.
  if (said.size !== element.params.length) return undefined;
  const result = sessionLine.safeParse({ ...Object.fromEntries(said), msgid: line.msgid });
  return result.success ? result.data : undefined;
}
