import type { BusEvent } from '../../contract/bus-event.js';
import { DecnetError } from '../../errors.js';
import type { Verb } from '../cli.js';
import { formatTime } from '../format.js';
import { jsonText } from '../json-text.js';
import { openBus } from '../open-bus.js';
import { positiveInteger } from './sessions.js';

interface Options {
  readonly json?: boolean;
  readonly count?: number;
  readonly socket?: string;
}

/** Shows events as they come. */
export const subVerb: Verb = (program, cli) => {
  program
    .command('sub')
    .description('print events of the bus as they come')
    .argument('<pattern>', 'such as `topology.*.status` or `attacker.>`')
    .option('--json', 'as JSON: one event a line')
    .option('--count <n>', 'end after so many', positiveInteger)
    .option('--socket <path>', 'the bus at this socket instead of the configured one')
    .action(async (pattern: string, { json, count = Infinity, socket }: Options) => {
      const stop = cli.io.interruption();
      let isSubscribed = false;
      const bus = openBus(cli, {
        name: 'decnet-sub',
        socket,
        log: ({ message }) => {
          if (isSubscribed) cli.note(`decnet: ${message}`);
        },
      });
      try {
        const subscription = bus.subscribe(pattern);
        stop.addEventListener('abort', () => {
          subscription.close();
        });
        if (!(await subscription.ready)) {
          if (stop.aborted) return;
          throw new DecnetError('E_BUS_DOWN', `cannot subscribe: ${bus.stats().trouble}`, { next: cli.command('bus') });
        }
        isSubscribed = true;
        cli.note(`decnet: subscribed to ${pattern}`);
        let seen = 0;
        for await (const message of subscription) {
          if (message.kind === 'gap') {
            cli.note(
              `decnet: events are missing here (${message.why}${message.dropped === null ? '' : `: ${message.dropped}`})`,
            );
            continue;
          }
          cli.print(json === true ? jsonText(message.event) : eventLine(message.event));
          if (++seen >= count) break;
        }
      } finally {
        await bus.close();
      }
    });
};

/** What others put into an event reaches no terminal as it is: all of it is JSON, escaped. */
function eventLine({ ts, topic, type, payload }: BusEvent): string {
  return `${formatTime(ts * 1000)}  ${topic}  ${jsonText(type).slice(1, -1)}  ${jsonText(payload)}`;
}
