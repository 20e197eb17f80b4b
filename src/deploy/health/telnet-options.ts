const [SE, SB, WILL, WONT, DO, DONT, IAC] = [240, 250, 251, 252, 253, 254, 255] as const;
const [ECHO, SUPPRESS_GO_AHEAD, TERMINAL_TYPE, WINDOW_SIZE] = [1, 3, 24, 31] as const;
const [IS, SEND] = [0, 1] as const;

/** Longer than any negotiation that is meant well. */
const SUBNEGOTIATION_MAX = 512;

export interface TelnetOptions {
  /** What was received, without what is negotiation; `answer` is to be sent. */
  read(chunk: Uint8Array): { readonly text: Buffer; readonly answer: Buffer };
}

/** A client's side of telnet options (RFC 854, 1073, 1091): a terminal of that type, 80 by 24, and nothing else. */
export function createTelnetOptions(terminalType: string): TelnetOptions {
  let rest = Buffer.alloc(0);
  return {
    read(chunk) {
      rest = Buffer.concat([rest, chunk]);
      const text: number[] = [];
      const answer: number[] = [];
      let at = 0;
      while (at < rest.length) {
        if (rest[at] !== IAC) {
          text.push(rest[at] ?? 0);
          at += 1;
          continue;
        }
        const length = commandLength(rest, at);
        if (length === undefined) break;
        const command = rest.subarray(at, at + length);
        if (command[1] === IAC) text.push(IAC);
        else answer.push(...answerTo(command, terminalType));
        at += length;
      }
      rest = Buffer.from(rest.subarray(at));
      return { text: Buffer.from(text), answer: Buffer.from(answer) };
    },
  };
}

/** Of the command that begins there; undefined while it is not all there. */
function commandLength(bytes: Buffer, at: number): number | undefined {
  const verb = bytes[at + 1];
  if (verb === undefined) return undefined;
  if (verb === SB) {
    const end = bytes.indexOf(Buffer.from([IAC, SE]), at + 2);
    if (end >= 0) return end + 2 - at;
    return bytes.length - at > SUBNEGOTIATION_MAX ? bytes.length - at : undefined;
  }
  if (verb < WILL || verb === IAC) return 2;
  return bytes.length - at < 3 ? undefined : 3;
}

function answerTo(command: Buffer, terminalType: string): number[] {
  const [, verb = 0, option = 0, what] = command;
  switch (verb) {
    case DO:
      if (option === TERMINAL_TYPE) return [IAC, WILL, option];
      if (option === WINDOW_SIZE) return [IAC, WILL, option, IAC, SB, option, 0, 80, 0, 24, IAC, SE];
      return [IAC, option === SUPPRESS_GO_AHEAD ? WILL : WONT, option];
    case WILL:
      return [IAC, option === ECHO || option === SUPPRESS_GO_AHEAD ? DO : DONT, option];
    case SB:
      if (option !== TERMINAL_TYPE || what !== SEND) return [];
      return [IAC, SB, TERMINAL_TYPE, IS, ...Buffer.from(terminalType, 'latin1'), IAC, SE];
    default:
      return [];
  }
}
