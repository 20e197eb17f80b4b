import type { LogElement, LogLine } from './log-line.js';

/** The RFC's own limits are 255, 48, 128 and 32; there are senders with longer names, and nothing else they could mean. */
const HEADER =
  /^<(\d|[1-9]\d|1[0-8]\d|19[01])>1 ([!-~]{1,64}) ([^\0- \x7f]{1,255}) ([^\0- \x7f]{1,255}) ([^\0- \x7f]{1,255}) ([^\0- \x7f]{1,255}) (?=-(?: |$)|\[)/;
/** SD-NAME: printable ASCII but space, `=`, `]`, `"`. At most 32 of them by the RFC, more by some senders. */
const NAME = /[!#-<>-\\^-~]{1,64}/y;

/** Longer text is no line of ours, nor of any sender that keeps to the RFC's advice. */
const TEXT_MAX = 65_536;

/**
 * A line (with or without its LF or CRLF) as RFC 5424 reads it; undefined for anything else. Never throws, and looks at no
 * character more than a few times. Whatever stands in a value was written by someone: nothing in it is believed here.
 */
export function parseLogLine(text: string): LogLine | undefined {
  if (text.length > TEXT_MAX + 2) return undefined;
  const line = text.replace(/\r?\n$/, '');
  const header = HEADER.exec(line);
  if (header === null) return undefined;
  const structured = parseData(line, header[0].length);
  if (structured === undefined) return undefined;
  const { data, at } = structured;
  if (at < line.length && line[at] !== ' ') return undefined;
  const pri = Number(header[1]);
  return {
    facility: pri >> 3,
    severity: pri & 7,
    timestamp: field(header[2]),
    host: field(header[3]),
    app: field(header[4]),
    procid: field(header[5]),
    msgid: field(header[6]),
    data,
    message: line.slice(at + 1).replace(/^\ufeff/, ''),
  };
}

function field(text: string | undefined): string | null {
  return text === undefined || text === '-' ? null : text;
}

function parseData(line: string, from: number): { data: LogElement[]; at: number } | undefined {
  if (line[from] === '-') return { data: [], at: from + 1 };
  const data: LogElement[] = [];
  let at = from;
  while (line[at] === '[') {
    const element = parseElement(line, at + 1);
    if (element === undefined) return undefined;
    data.push({ id: element.id, params: element.params });
    at = element.at;
  }
  return { data, at };
}

function parseElement(line: string, from: number): (LogElement & { at: number }) | undefined {
  const id = nameAt(line, from);
  if (id === undefined) return undefined;
  const params: (readonly [string, string])[] = [];
  let at = from + id.length;
  while (line[at] === ' ') {
    const name = nameAt(line, at + 1);
    if (name === undefined) return undefined;
    const value = at + 1 + name.length + '="'.length;
    const end = line.startsWith('="', value - 2) ? valueEnd(line, value) : -1;
    if (end === -1) return undefined;
    params.push([name, unescaped(line.slice(value, end))]);
    at = end + 1;
  }
  return line[at] === ']' ? { id, params, at: at + 1 } : undefined;
}

function nameAt(line: string, at: number): string | undefined {
  NAME.lastIndex = at;
  return NAME.exec(line)?.[0];
}

/** Where the quote stands that ends a value; -1 if it does not end, or has a `]` that no backslash stands before. */
function valueEnd(line: string, from: number): number {
  for (let at = from; at < line.length; at++) {
    const character = line[at];
    if (character === '"') return at;
    if (character === ']') return -1;
    if (character === '\\') at++;
  }
  return -1;
}

/** A backslash before any other character is itself (RFC 5424, 6.3.3). */
function unescaped(value: string): string {
  return value.includes('\\') ? value.replace(/\\(["\\\]])/g, '$1') : value;
}
