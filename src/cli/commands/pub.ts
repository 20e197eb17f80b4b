import { DecnetError } from '../../errors.js';
import type { Verb } from '../cli.js';
import { openBus } from '../open-bus.js';

interface Options {
  readonly type?: string;
  readonly socket?: string;
}

/** One event, by hand. */
export const pubVerb: Verb = (program, cli) => {
  program
    .command('pub')
    .description('publish one event on the bus')
    .argument('<topic>', 'such as topology.7.status')
    .argument('[payload]', 'a JSON object', '{}')
    .option('--type <type>', "the event's type (default: the last word of the topic)")
    .option('--socket <path>', 'the bus at this socket instead of the configured one')
    .action(async (topic: string, text: string, options: Options) => {
      const payload = readPayload(text);
      // What goes wrong is in the error.
      const bus = openBus(cli, { name: 'decnet-pub', socket: options.socket, log: () => undefined });
      try {
        await bus.publish(topic, { type: options.type ?? topic.slice(topic.lastIndexOf('.') + 1), payload });
      } finally {
        await bus.close();
      }
    });
};

function readPayload(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new DecnetError('E_USAGE', `pub: the payload is no JSON object: ${text}`);
}
