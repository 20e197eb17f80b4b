import type { BusClock } from '../bus/clock.js';

/** What the service manager is told about this process, put together from its workers. */
export interface ServiceNotice {
  /** The worker of that name; the same one each time. `READY=1` waits for all that were ever asked for. */
  member(worker: string): NoticeMember;
  close(): void;
}

export interface NoticeMember {
  /** It is in its loop, or will not be. */
  ready(): void;
  /** A few words for a person. */
  status(text: string): void;
  /** Asked before each sign of life: whether it got on since the last time. */
  watch(gotOn: () => boolean): void;
  stopping(): void;
}

export interface ServiceNoticeOptions {
  /** `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`; without the first nothing is ever sent. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly clock: BusClock;
  /** One datagram. May throw: a manager that is not there is no reason to fall. */
  readonly send: (address: string, text: string) => void;
  /** Told once that the manager cannot be reached. */
  readonly log: (message: string) => void;
}

interface Member extends NoticeMember {
  isReady: boolean;
  isStopping: boolean;
  text: string;
  gotOn: () => boolean;
}

/** Speaks systemd's notification protocol (sd_notify(3), sd_watchdog_enabled(3)). */
export function createServiceNotice(options: ServiceNoticeOptions): ServiceNotice {
  const { env, clock, log } = options;
  const address = env['NOTIFY_SOCKET'] ?? '';
  const members = new Map<string, Member>();
  let [isReady, isStopping, hasComplained, lastStatus] = [false, false, false, ''];

  function say(text: string): void {
    if (address === '') return;
    try {
      options.send(address, text);
    } catch (error) {
      if (!hasComplained) log(`the service manager cannot be told: ${(error as Error).message}`);
      hasComplained = true;
    }
  }

  function all(isSo: (member: Member) => boolean): boolean {
    return members.size > 0 && [...members.values()].every(isSo);
  }

  function sayStatus(): void {
    const texts = [...members].map(([worker, { text }]) => (members.size === 1 ? text : `${worker} ${text}`));
    const status = oneLine(texts.join('; '));
    if (status !== lastStatus) say(`STATUS=${status}`);
    lastStatus = status;
  }

  const everyMs = watchdogMs(env, options.pid);
  const cancelWatchdog =
    address === '' || everyMs === null
      ? () => undefined
      : clock.every(everyMs, () => {
          // Everybody is asked, so that all start anew.
          const hung = [...members.values()].filter(({ gotOn }) => !gotOn());
          if (hung.length === 0) say('WATCHDOG=1');
        });

  function createMember(): Member {
    const member: Member = {
      isReady: false,
      isStopping: false,
      text: '',
      gotOn: () => true,
      ready() {
        member.isReady = true;
        if (isReady || !all((one) => one.isReady)) return;
        isReady = true;
        say('READY=1');
      },
      status(text) {
        member.text = text;
        sayStatus();
      },
      watch(gotOn) {
        member.gotOn = gotOn;
      },
      stopping() {
        member.isStopping = true;
        if (isStopping || !all((one) => one.isStopping)) return;
        isStopping = true;
        say('STOPPING=1');
      },
    };
    return member;
  }

  return {
    member(worker) {
      const member = members.get(worker) ?? createMember();
      members.set(worker, member);
      return member;
    },
    close: cancelWatchdog,
  };
}

/** How often to say that we live: twice as often as we must. null = nobody wants to know, or not from this process. */
function watchdogMs(env: ServiceNoticeOptions['env'], pid: number): number | null {
  const { WATCHDOG_USEC: microseconds = '', WATCHDOG_PID: watched = '' } = env;
  if (!/^[1-9]\d{0,15}$/.test(microseconds)) return null;
  if (watched !== '' && Number(watched) !== pid) return null;
  return Math.max(1, Math.floor(Number(microseconds) / 2000));
}

/** Lines are the protocol's own. */
function oneLine(text: string): string {
  return text.replace(/[\n\r]+/g, ' ').slice(0, 1000);
}
