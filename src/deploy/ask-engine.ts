import { Agent } from 'node:http';
import type Docker from 'dockerode';
import { DecnetError } from '../errors.js';

/** Questions to the engine behind a UNIX socket. */
export interface EngineAsk {
  /** undefined where there is no such thing. Rejects with E_ENGINE, its cause the client's error. */
  readonly ask: <T>(
    what: string,
    question: (docker: Docker, signal: AbortSignal) => Promise<T>,
  ) => Promise<T | undefined>;
  readonly close: () => void;
}

/** An engine with nothing to say answers at once; one that hangs must not hang us. */
export const ENGINE_ANSWER_MS = 15_000;

export function createEngineAsk(socketPath: string): EngineAsk {
  const agent = new Agent({ keepAlive: false });
  let client: Promise<Docker> | undefined;
  return {
    async ask(what, question) {
      try {
        return await question(await (client ??= load(socketPath, agent)), AbortSignal.timeout(ENGINE_ANSWER_MS));
      } catch (cause) {
        if (cause instanceof DecnetError) throw cause;
        const { statusCode, code, json, name } = cause as {
          statusCode?: unknown;
          code?: string;
          json?: { message?: string };
          name?: string;
        };
        if (statusCode === 404) return undefined;
        const isLate = name === 'AbortError' || name === 'TimeoutError';
        const why = isLate ? 'no answer' : (json?.message ?? (cause as Error).message);
        throw new DecnetError('E_ENGINE', `cannot ${what} at ${socketPath}: ${why}`, {
          cause,
          next:
            code === 'EACCES'
              ? `run as root, or as a user who may open ${socketPath}`
              : 'is the engine running? see engine_socket',
        });
      }
    },
    close() {
      agent.destroy();
    },
  };
}

/** The client library comes in with the first question: it is large. */
async function load(socketPath: string, agent: Agent): Promise<Docker> {
  const { default: Client } = await import('dockerode');
  // What is undefined here would else come from DOCKER_HOST and its like.
  const from = { host: undefined, port: undefined, timeout: undefined, ca: undefined, cert: undefined, key: undefined };
  return new Client({ socketPath, protocol: 'http', agent, ...from } as Docker.DockerOptions);
}
