import { expect, it } from 'vitest';
import { createServiceNotice, type ServiceNoticeOptions } from '../../src/workers/service-notice.js';
import { createManualClock } from '../bus/manual-clock.js';
import { benchOf, latch, nothingMore, sampleWorker } from './sample-worker.js';

/** A manager that keeps what it is told. */
function manager(env: Record<string, string> = {}, options: Partial<ServiceNoticeOptions> = {}) {
  const clock = createManualClock();
  const told: string[] = [];
  const log: string[] = [];
  const notice = createServiceNotice({
    env: { NOTIFY_SOCKET: '/run/notify', ...env },
    pid: 4711,
    clock,
    send: (address, text) => told.push(`${address} ${text}`),
    log: (message) => log.push(message),
    ...options,
  });
  return { notice, clock, log, told, texts: () => told.map((line) => line.replace('/run/notify ', '')) };
}

const WATCHED = { WATCHDOG_USEC: '30000000' };

it('nothing is ever sent where no manager asked for it', () => {
  const { notice, clock, told } = manager({ NOTIFY_SOCKET: '', ...WATCHED });
  const member = notice.member('prober');
  member.status('running');
  member.ready();
  clock.pass(60_000);
  member.stopping();
  expect(told).toEqual([]);
  expect(clock.timerCount).toBe(0);
});

it('a process is ready, and is stopping, when all of its workers are, and says so once', () => {
  const { notice, texts } = manager();
  const [first, second] = [notice.member('collector'), notice.member('prober')];
  expect(notice.member('prober')).toBe(second);
  first.ready();
  expect(texts()).toEqual([]);
  second.ready();
  second.ready();
  expect(texts()).toEqual(['READY=1']);
  second.stopping();
  expect(texts()).toEqual(['READY=1']);
  first.stopping();
  first.stopping();
  expect(texts()).toEqual(['READY=1', 'STOPPING=1']);
});

it('the status is one line of all workers, sent when it changes', () => {
  const { notice, texts } = manager();
  const first = notice.member('collector');
  first.status('running\nREADY=1');
  first.status('running READY=1');
  notice.member('prober').status('unconfigured');
  expect(texts()).toEqual(['STATUS=running READY=1', 'STATUS=collector running READY=1; prober unconfigured']);
});

it('a sign of life comes twice as often as it must, and only when every worker got on', () => {
  const { notice, clock, texts } = manager(WATCHED);
  const asked = { collector: 0, prober: 0 };
  let isHung = false;
  notice.member('collector').watch(() => (asked.collector++, !isHung));
  notice.member('prober').watch(() => (asked.prober++, true));
  clock.pass(14_999);
  expect(texts()).toEqual([]);
  clock.pass(1);
  expect(texts()).toEqual(['WATCHDOG=1']);
  isHung = true;
  clock.pass(60_000);
  expect(texts()).toEqual(['WATCHDOG=1']);
  expect(asked).toEqual({ collector: 5, prober: 5 });
  notice.close();
  expect(clock.timerCount).toBe(0);
});

it.each([
  ['another process', { ...WATCHED, WATCHDOG_PID: '4712' }, 0],
  ['this process', { ...WATCHED, WATCHDOG_PID: '4711' }, 1],
  ['nobody: it is no number', { WATCHDOG_USEC: '30s' }, 0],
  ['nobody: it is zero', { WATCHDOG_USEC: '0' }, 0],
])('the watchdog is meant for %s', (_whom, env, timers) => {
  expect(manager(env).clock.timerCount).toBe(timers);
});

it('a manager that cannot be reached is mentioned once, and stops nobody', () => {
  const { notice, log } = manager(
    {},
    {
      send: () => {
        throw new Error('ECONNREFUSED');
      },
    },
  );
  notice.member('prober').ready();
  notice.member('prober').stopping();
  expect(log).toEqual(['the service manager cannot be told: ECONNREFUSED']);
});

it('a worker is ready when its loop begins, and lives while the loop gets on or waits', async () => {
  const { notice, clock, texts } = manager(WATCHED);
  const [opening, going] = [latch(), latch()];
  let rounds = 0;
  const bench = await benchOf(
    sampleWorker(async (context) => {
      await opening.opened;
      await context.loop(async () => (++rounds === 2 && (await going.opened), nothingMore), { pollMs: 1000 });
    }),
    { deps: { notice } },
  );
  void bench.start();
  await bench.until(() => texts().includes('STATUS=starting, 0 rounds'));
  expect(texts()).not.toContain('READY=1');
  opening.open();
  await bench.rounds(1);
  await bench.until(() => bench.clock.nextInMs() === 1000);
  expect(texts().filter((text) => text === 'READY=1')).toHaveLength(1);
  const signs = () => texts().filter((text) => text === 'WATCHDOG=1').length;
  clock.pass(60_000);
  expect(signs()).toBe(4);
  // The second round hangs: it has begun since the last sign, and that was all.
  bench.clock.pass(1000);
  await bench.rounds(2);
  clock.pass(60_000);
  expect(signs()).toBe(5);
  going.open();
  expect(await bench.stop()).toBe(0);
  expect(texts().at(-1)).toBe('STOPPING=1');
});

it('a worker that falls before its loop was never ready', async () => {
  const { notice, texts } = manager();
  const bench = await benchOf(
    sampleWorker(() => Promise.reject(new Error('bug'))),
    { deps: { notice } },
  );
  await bench.start();
  expect(await bench.exit).toBe(111);
  expect(texts()).not.toContain('READY=1');
});
