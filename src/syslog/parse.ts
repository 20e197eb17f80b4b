import type { LogElement, LogLine } from './log-line.js';

const HEADER =
  /^<(\d|[1-9]\d|1[0-8]\d|19[01])>1 (\S{1,64}) (\S{1,255}) (\S{1,48}) (\S{1,128}) (\S{1,32}) (?=-(?: |$)|\[)/;
/** SD-NAME: printable ASCII but space, `=`, `]`, `"`. */
const NAME = /[!#-<>-\\^-~]{1,64}/y;
/** A value up to its closing quote; `"`, `\` and `]` stand behind a backslash. */
const VALUE = /="((?:[^"\\\]]|\\[\s\S])*)"/y;

/** Longer text is no line of ours, nor of any sender that keeps to the RFC's advice. */
const TEXT_MAX = 65_536;

/**
 * A line (with or without its LF) as RFC 5424 reads it; undefined for anything else. Never throws. Whatever stands in a
 * value was written by someone: nothing in it is believed here.
 */
export function parseLogLine(text: string): LogLine | undefined {
  if (text.length > TEXT_MAX) return undefined;
  const line = text.endsWith('\n') ? text.slice(0, -1) : text;
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
  const id = match(NAME, line, from)?.[0];
  if (id === undefined) return undefined;
  const params: (readonly [string, string])[] = [];
  let at = from + id.length;
  while (line[at] === ' ') {
    const name = match(NAME, line, at + 1)?.[0];
    if (name === undefined) return undefined;
    const value = match(VALUE, line, at + 1 + name.length);
    if (value === undefined) return undefined;
    params.push([name, unescaped(value[1] ?? '')]);
    at += 1 + name.length + value[0].length;
  }
  return line[at] === ']' ? { id, params, at: at + 1 } : undefined;
}

/** A backslash before any other character is itself (RFC 5424, 6.3.3). */
function unescaped(value: string): string {
  return value.replace(/\\(["\\\]])/g, '$1');
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  // A sticky pattern is a cursor; a copy of it is nobody else's.
  const sticky = new RegExp(pattern);
  sticky.lastIndex = at;
  return sticky.exec(text) ?? undefined;
}
