import { connect } from 'node:net';
import { TerminalOutput } from '../../../src/native/terminal-output.js';

const [IAC, DONT, DO, WONT, WILL] = [255, 254, 253, 252, 251];

/** A telnet client as bots have it: refuses every option, sends whole lines. */
export interface TelnetBot {
  send(line: string): void;
  waitFor(pattern: string | RegExp): Promise<unknown>;
  readonly closed: Promise<void>;
  close(): void;
}

export function openTelnetBot(port: number): TelnetBot {
  const socket = connect(port, '127.0.0.1');
  const out = new TerminalOutput();
  let rest = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    const text: number[] = [];
    while (rest.length > 0) {
      const [first = 0, verb = 0, option = 0] = rest;
      if (first === IAC && verb >= WILL && rest.length < 3) break;
      if (first === IAC && verb >= WILL && verb !== IAC) {
        if (verb === DO || verb === WILL) socket.write(Buffer.from([IAC, verb === DO ? WONT : DONT, option]));
        rest = rest.subarray(3);
      } else {
        if (first !== 0) text.push(first);
        rest = rest.subarray(1);
      }
    }
    out.push(Buffer.from(text));
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      out.end();
      resolve();
    });
  });
  return {
    send: (line) => void socket.write(`${line}\r\n`),
    waitFor: (pattern) => out.waitFor(pattern, 5000),
    closed,
    close: () => void socket.destroy(),
  };
}
