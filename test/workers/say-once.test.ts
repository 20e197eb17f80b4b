import { expect, it } from 'vitest';
import { createSayOnce } from '../../src/workers/say-once.js';
import { createManualClock } from '../bus/manual-clock.js';

it('says a message once while it keeps coming, and again when it has not come for 5 minutes', () => {
  const clock = createManualClock();
  const said: string[] = [];
  const say = createSayOnce(clock, (message) => said.push(message));
  for (let minute = 0; minute < 30; minute++) {
    say('no disk');
    clock.pass(60_000);
  }
  expect(said).toEqual(['no disk']);
  clock.pass(239_999);
  say('no disk');
  expect(said).toEqual(['no disk']);
  clock.pass(300_000);
  say('no disk');
  expect(said).toEqual(['no disk', 'no disk']);
});

it('remembers the last 256 messages and no more', () => {
  const said: string[] = [];
  const say = createSayOnce(createManualClock(), (message) => said.push(message));
  for (let n = 0; n < 256; n++) say(`m${n}`);
  say('m0');
  expect(said).toHaveLength(256);
  say('m256');
  say('m1');
  say('m0');
  expect(said.slice(256)).toEqual(['m256', 'm1']);
});
