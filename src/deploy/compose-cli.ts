import { DecnetError } from '../errors.js';
import { lastLines, runProgram } from './run-program.js';

/** In the order in which they are looked for. */
export const COMPOSE_PROGRAMS = ['docker compose', 'docker-compose', 'podman-compose'] as const;
export type ComposeProgram = (typeof COMPOSE_PROGRAMS)[number];

export interface ComposeCliOptions {
  /** Only this one; else the first that works. */
  readonly program?: ComposeProgram | undefined;
  /** The engine's socket; null = where the program itself looks. */
  readonly socketPath: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What tells our containers from others'. */
  readonly project: string;
  /** Absolute path of the compose file; its folder is where relative paths in it begin. */
  readonly file: string;
}

export interface ComposeRun {
  readonly timeoutMs: number;
  readonly onLine?: (line: string) => void;
}

/** The program that carries out a compose file. Everything rejects with E_ENGINE and the last that the program said. */
export interface ComposeCli {
  readonly program: ComposeProgram;
  /** As its words may be typed. */
  readonly version: string;
  build(services: readonly string[], run: ComposeRun): Promise<void>;
  /** Containers as the file says; unchanged ones are left alone, and those that it does not name any more go. */
  up(run: ComposeRun): Promise<void>;
  /** Containers and network go. */
  down(run: ComposeRun): Promise<void>;
}

const ANSWER_MS = 20_000;

/** Throws E_NO_ENGINE where none of the programs works. */
export async function findComposeCli(options: ComposeCliOptions): Promise<ComposeCli> {
  const tried = options.program === undefined ? COMPOSE_PROGRAMS : [options.program];
  const env = composeEnv(options);
  const failures: string[] = [];
  for (const program of tried) {
    const result = await runProgram([...program.split(' '), 'version'], { env, timeoutMs: ANSWER_MS });
    if (result.failure === null)
      return createComposeCli(program, lastLines(result.stdout.split('\n')[0] ?? ''), options);
    failures.push(`${program}: ${lastLines(result.said, 1) || result.failure}`);
  }
  throw new DecnetError('E_NO_ENGINE', `no program for compose files works here: ${failures.join('; ')}`, {
    next: 'apt-get install docker.io docker-compose   (or podman and podman-compose)',
  });
}

function composeEnv({ socketPath, env }: ComposeCliOptions): Record<string, string | undefined> {
  const host =
    socketPath === null ? {} : { DOCKER_HOST: `unix://${socketPath}`, CONTAINER_HOST: `unix://${socketPath}` };
  // Whoever calls us may have a project of their own in their environment.
  return { ...env, ...host, COMPOSE_FILE: undefined, COMPOSE_PROJECT_NAME: undefined, COMPOSE_PROFILES: undefined };
}

function createComposeCli(program: ComposeProgram, version: string, options: ComposeCliOptions): ComposeCli {
  const { project, file } = options;
  const env = composeEnv(options);
  const cwd = file.slice(0, file.lastIndexOf('/')) || '/';

  async function run(words: readonly string[], { timeoutMs, onLine }: ComposeRun): Promise<void> {
    const argv = [...program.split(' '), '-p', project, '-f', file, ...words];
    const { failure, said } = await runProgram(argv, { env, cwd, timeoutMs, ...(onLine && { onLine }) });
    if (failure === null) return;
    const what = `${program} ${words[0] ?? ''}`;
    throw new DecnetError('E_ENGINE', `${what}: ${failure}${said === '' ? '' : `: ${lastLines(said)}`}`, {
      next: 'is the engine running? see engine_socket',
    });
  }

  return {
    program,
    version,
    build: (services, how) => run(['build', ...services], how),
    up: (how) => run(['up', '-d', '--no-build', '--remove-orphans'], how),
    down: (how) => run(['down', '--remove-orphans'], how),
  };
}
