import { existsSync } from 'node:fs';

/** Where engines listen by themselves. */
const SOCKETS = ['/run/docker.sock', '/run/podman/podman.sock'] as const;

/** The engine's socket where none is named in the settings: the first that is there. */
export function findEngineSocket(): string {
  return SOCKETS.find((path) => existsSync(path)) ?? SOCKETS[0];
}
