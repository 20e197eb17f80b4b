import { TOKENS_MAX } from './limits.js';

/** Tokens of printable ASCII without space, `.`, `*` and `>`. */
const TOKEN = '[!-)+,\\-\\/-=?-~]+';
const ONE = `(?:${TOKEN}|\\*)`;
const MORE = TOKENS_MAX - 1;
const TOPIC = new RegExp(`^${TOKEN}(?:\\.${TOKEN}){0,${MORE}}$`);
const PATTERN = new RegExp(`^(?:${ONE}(?:\\.${ONE}){0,${MORE}}|(?:${ONE}\\.){0,${MORE}}>)$`);
/** With its verb and LF it must fit into a header. */
const MAX_CHARACTERS = 4000;

/** Something that can be published: no wildcard, no empty token. */
export function isTopic(text: string): boolean {
  return text.length <= MAX_CHARACTERS && TOPIC.test(text);
}

/** Something that can be subscribed to: `*` for one token, `>` at the end for one or more. */
export function isPattern(text: string): boolean {
  return text.length <= MAX_CHARACTERS && PATTERN.test(text);
}

/** Whether a topic is one of those that a pattern stands for; both well-formed. */
export function matches(pattern: string, topic: string): boolean {
  let [p, t] = [0, 0];
  while (true) {
    const pEnd = tokenEnd(pattern, p);
    if (pattern[p] === '>') return t < topic.length;
    const tEnd = tokenEnd(topic, t);
    const one = pattern[p] === '*';
    if (!one && (pEnd - p !== tEnd - t || !topic.startsWith(pattern.slice(p, pEnd), t))) return false;
    if (pEnd === pattern.length || tEnd === topic.length) return pEnd === pattern.length && tEnd === topic.length;
    [p, t] = [pEnd + 1, tEnd + 1];
  }
}

function tokenEnd(text: string, from: number): number {
  const dot = text.indexOf('.', from);
  return dot === -1 ? text.length : dot;
}
