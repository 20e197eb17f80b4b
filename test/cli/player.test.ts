import { describe, expect, it } from 'vitest';
import { playSchedule } from '../../src/cli/play-schedule.js';
import { play } from '../../src/cli/player.js';
import type { SessionEvent } from '../../src/contract/session-event.js';
import { createFakeIo, type FakeIoOptions } from './fake-io.js';

function shown(atS: number, text: string, ch: SessionEvent['ch'] = 'o'): SessionEvent {
  return { tUs: atS * 1e6, ch, text, noecho: false };
}

const EVENTS = [shown(1, 'a'), shown(1.5, 'typed', 'i'), shown(2, 'b'), shown(62, 'c'), shown(63, 'd')];

async function replay(
  options: { speed?: number; idleLimitMs?: number; seekMs?: number; keys?: FakeIoOptions['keys']; tty?: boolean } = {},
) {
  const { speed = 1, idleLimitMs = 5000, seekMs = 0, keys = [], tty = keys.length > 0 } = options;
  const io = createFakeIo({ cwd: '/', tty, keys });
  const createFilter = () => (frame: { text: string }) => frame.text;
  await play({ frames: playSchedule(EVENTS, { speed, idleLimitMs }), seekMs, createFilter }, io);
  const letters = io.writes.filter(({ text }) => /^[a-z]+$/.test(text)).map(({ atMs, text }) => `${text}@${atMs}`);
  return { letters, io };
}

describe('play', () => {
  it('shows output when it is due, no pause longer than the limit, and nothing that was typed', async () => {
    expect((await replay()).letters).toEqual(['a@1000', 'b@2000', 'c@7000', 'd@8000']);
  });

  it('goes as fast as it is told', async () => {
    expect((await replay({ speed: 2 })).letters).toEqual(['a@500', 'b@1000', 'c@3500', 'd@4000']);
  });

  it('shows at once what comes before the place to begin at, and goes on from there', async () => {
    expect((await replay({ seekMs: 62_000 })).letters).toEqual(['a@0', 'b@0', 'c@0', 'd@1000']);
    expect((await replay({ seekMs: 999_000 })).letters).toHaveLength(4);
  });

  it('stands still while it is paused', async () => {
    const keys = [
      { atMs: 1500, key: ' ' },
      { atMs: 11_500, key: ' ' },
    ];
    expect((await replay({ keys })).letters).toEqual(['a@1000', 'b@12000', 'c@17000', 'd@18000']);
  });

  it('steps over a long pause with one key, and back to the beginning of what it cleared', async () => {
    const { letters } = await replay({ keys: [{ atMs: 2100, key: '\u001b[C' }] });
    expect(letters).toEqual(['a@1000', 'b@2000', 'c@2100', 'd@3100']);
    const back = await replay({ keys: [{ atMs: 2100, key: '\u001b[D' }] });
    expect(back.letters).toEqual(['a@1000', 'b@2000', 'a@3100', 'b@4100', 'c@9100', 'd@10100']);
    expect(back.io.out).toContain('\u001b[2J');
  });

  it('ends at q, gives the keyboard back, and leaves the terminal in order', async () => {
    const { letters, io } = await replay({ keys: [{ atMs: 1500, key: 'q' }] });
    expect(letters).toEqual(['a@1000']);
    expect(io.rawMode).toBe(false);
    expect(io.out).toContain('\u001b[?25h');
  });

  it('writes nothing of its own into a pipe', async () => {
    expect((await replay()).io.out).toBe('abcd');
  });
});
