import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { DecnetError } from '../../errors.js';

export interface HttpsOptions {
  /** Certificate authorities, PEM, instead of Node's own. */
  readonly ca?: string | Buffer;
  /** So long without a byte is too long, ms. Default 15 000. */
  readonly idleMs?: number;
  /** All of it, redirects included, ms. Default 120 000. */
  readonly totalMs?: number;
}

const REDIRECTS_MAX = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** What ended a request that we ended ourselves. */
interface Patience {
  readonly signal: AbortSignal;
  readonly stalled: () => void;
  /** null while it lasts. */
  readonly why: () => string | null;
}

/**
 * At most one byte more than `limitBytes` of what an https URL answers.
 * @throws DecnetError E_PREBUILD_MISSING (404, 410), E_PREBUILD_TRUNCATED, E_PREBUILD_FETCH.
 */
export async function readFromHttps(url: URL, limitBytes: number, options: HttpsOptions = {}): Promise<Buffer> {
  const { idleMs = 15_000, totalMs = 120_000 } = options;
  const patience = createPatience(idleMs, totalMs);
  let at = url;
  for (let redirects = 0; ; redirects++) {
    if (at.protocol !== 'https:') {
      const how = redirects === 0 ? 'is not https' : `leads to ${nameOf(at)}, which is not https`;
      throw new DecnetError('E_PREBUILD_FETCH', `${nameOf(url)} ${how}: anyone on the way could change it`);
    }
    const response = await request(at, patience, idleMs, options.ca);
    const { statusCode = 0, headers } = response;
    if (statusCode === 200) return readBody(response, at, limitBytes, patience);
    response.destroy();
    if (statusCode === 404 || statusCode === 410) {
      throw new DecnetError('E_PREBUILD_MISSING', `there is no ${nameOf(at)} (${statusCode})`);
    }
    const { location } = headers;
    if (!REDIRECTS.has(statusCode) || location === undefined || !URL.canParse(location, at.href)) {
      throw failed(at, `the answer is ${statusCode}`);
    }
    if (redirects === REDIRECTS_MAX) throw failed(url, `more than ${REDIRECTS_MAX} redirects`);
    at = new URL(location, at);
  }
}

function createPatience(idleMs: number, totalMs: number): Patience {
  const late = AbortSignal.timeout(totalMs);
  const idle = new AbortController();
  return {
    signal: AbortSignal.any([late, idle.signal]),
    stalled: () => {
      idle.abort();
    },
    why: () => {
      if (idle.signal.aborted) return `not a byte for ${idleMs} ms`;
      return late.aborted ? `not done after ${totalMs} ms` : null;
    },
  };
}

function request(url: URL, patience: Patience, idleMs: number, ca: HttpsOptions['ca']): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'accept-encoding': 'identity' };
    const options = { agent: false, signal: patience.signal, timeout: idleMs, headers } as const;
    const asked = get(url, ca === undefined ? options : { ...options, ca }, resolve);
    asked.once('timeout', patience.stalled);
    asked.on('error', (error) => {
      reject(failed(url, patience.why() ?? error.message, error));
    });
  });
}

async function readBody(response: IncomingMessage, url: URL, limitBytes: number, patience: Patience): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      // Leaving the loop ends the connection.
      if (length > limitBytes) break;
    }
  } catch (error) {
    const why = patience.why();
    if (why !== null) throw failed(url, why, error);
    // A connection that closed before the length it had promised, or before its last chunk.
    throw new DecnetError('E_PREBUILD_TRUNCATED', `${nameOf(url)} broke off after ${length} bytes`, { cause: error });
  }
  return Buffer.concat(chunks).subarray(0, limitBytes + 1);
}

function failed(url: URL, why: string, cause?: unknown): DecnetError {
  const message = `${nameOf(url)} cannot be fetched: ${why}`;
  return new DecnetError('E_PREBUILD_FETCH', message, cause === undefined ? {} : { cause });
}

/** For messages: without a password, or a query that may be one. */
function nameOf({ protocol, host, pathname }: URL): string {
  return `${protocol}//${host}${pathname}`;
}
