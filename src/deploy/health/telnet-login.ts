import { connect } from 'node:net';
import { END_OF_INPUT, LEAVE_EVERY_MS, type Login, type LoginAs } from './login.js';
import { createTelnetOptions } from './telnet-options.js';

export interface TelnetLoginOptions extends LoginAs {
  readonly password: string;
}

/** Of what was shown last, as much is looked at for a prompt. */
const SHOWN_CHARS = 2048;

/** Answers the two prompts of login(1). */
export function openTelnetLogin({ address, port, user, password, term }: TelnetLoginOptions): Login {
  const options = createTelnetOptions(term);
  const socket = connect({ host: address, port, timeout: 0 });
  const prompts = [
    { pattern: /login: ?$/i, say: user },
    { pattern: /password: ?$/i, say: password },
  ];
  let shown = '';
  let problem: string | null = null;
  let leaving: NodeJS.Timeout | undefined;
  const over = new Promise<string | null>((resolve) => {
    socket.on('error', (error) => (problem ??= `telnet: ${error.message}`));
    socket.on('close', () => {
      clearInterval(leaving);
      resolve(problem ?? (prompts.length > 0 ? 'telnet: it ended before its prompts' : null));
    });
  });
  socket.on('data', (chunk: Buffer) => {
    const { text, answer } = options.read(chunk);
    if (answer.length > 0) socket.write(answer);
    shown = (shown + text.toString('latin1')).slice(-SHOWN_CHARS);
    const [next] = prompts;
    if (next?.pattern.test(shown.trimEnd() + ' ') === true) {
      prompts.shift();
      shown = '';
      socket.write(`${next.say}\r\0`);
    } else if (next === undefined && /login incorrect/i.test(shown)) {
      problem ??= 'telnet: login incorrect';
      socket.destroy();
    }
  });
  const endInput = (): void => {
    if (socket.writable) socket.write(END_OF_INPUT);
  };
  return {
    over,
    leave() {
      endInput();
      leaving ??= setInterval(endInput, LEAVE_EVERY_MS);
    },
    close() {
      socket.destroy();
    },
  };
}
