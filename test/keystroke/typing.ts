import { readFileSync } from 'node:fs';
import type { RecordedSession, SessionHeader } from '../../src/contract/recorded-session.js';
import type { SessionEvent } from '../../src/contract/session-event.js';

/** Pseudo-random numbers in 0..1 that are the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A tape that is typed on: keys with gaps, echoed by the terminal as it should be. */
export interface Tape {
  readonly events: SessionEvent[];
  nowMs: number;
  /** One read of input. */
  key(text: string, options?: { echo?: string | null; noecho?: boolean }): Tape;
  /** Key by key; each waits its gap (ms) first. Enter is echoed as a new row with a prompt. */
  type(text: string, gapMs: (char: string, at: number) => number): Tape;
  /** The same where the terminal shows nothing of it. */
  blind(text: string, gapMs: (char: string, at: number) => number, noecho?: boolean): Tape;
  out(text: string): Tape;
  wait(ms: number): Tape;
  session(header?: SessionHeader | null): RecordedSession;
}

export const PROMPT = 'root@omega:~# ';

export function createTape(): Tape {
  const events: SessionEvent[] = [];
  const us = (ms: number): number => Math.round(ms * 1000);
  const tape: Tape = {
    events,
    nowMs: 0,
    key(text, { echo = text, noecho = false } = {}) {
      events.push({ tUs: us(tape.nowMs), ch: 'i', text, noecho });
      if (echo !== null) events.push({ tUs: us(tape.nowMs + 0.4), ch: 'o', text: echo, noecho: false });
      return tape;
    },
    type(text, gapMs) {
      Array.from(text).forEach((char, at) => {
        tape.nowMs += gapMs(char, at);
        tape.key(char, { echo: char === '\r' ? `\r\n${PROMPT}` : char === '\x7f' ? '\b\x1b[K' : char });
      });
      return tape;
    },
    blind(text, gapMs, noecho = false) {
      Array.from(text).forEach((char, at) => {
        tape.nowMs += gapMs(char, at);
        tape.key(char, { echo: char === '\r' ? `\r\n${PROMPT}` : null, noecho });
      });
      return tape;
    },
    out(text) {
      events.push({ tUs: us(tape.nowMs), ch: 'o', text, noecho: false });
      return tape;
    },
    wait(ms) {
      tape.nowMs += ms;
      return tape;
    },
    session: (header = sshHeader()) => ({
      sid: '5f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f',
      ...{ header, events, truncations: [], end: null, parts: [], lines: events.length, bytes: 0 },
    }),
  };
  return tape.out(PROMPT).wait(500);
}

export function sshHeader(service = 'ssh', tty: string | null = 'pts/3'): SessionHeader {
  const login = { format: 1, t0Ns: 0, service, user: 'root', srcIp: null, tty };
  return { width: 80, height: 24, timestamp: 0, env: {}, login };
}

/** A person: a log-normal body and a heavy tail, slower at the start of words, a pause before each line. */
export function humanGaps(random: () => number, medianMs = 110): (char: string) => number {
  let last = '\r';
  // Whole microseconds, as a recording has them.
  const whole = (ms: number): number => Math.round(ms * 1000) / 1000;
  return (char) => {
    const after = last;
    last = char;
    if (after === '\r') return whole(700 + 2500 * random());
    const body = medianMs * Math.exp(0.35 * normal(random));
    const pause = random() < 0.12 ? 180 + 500 * random() : 0;
    return whole(body + pause + (after === ' ' ? 80 * random() : 0));
  };
}

/** A session of the fixtures, by a few lines of our own: what the shard reader does is tested elsewhere. */
export function readFixture(name: string): RecordedSession {
  const lines = readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const events = lines.slice(1).map((line): SessionEvent => {
    const { t, ch, d } = JSON.parse(line) as { t: number; ch: SessionEvent['ch']; d: string };
    return { tUs: Math.round(t * 1e6), ch, text: d, noecho: false };
  });
  const header = { width: 120, height: 32, timestamp: 1777018000, env: {}, login: null };
  return { ...createTape().session(header), events };
}
