import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  type Stats,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { DecnetError } from '../errors.js';
import { findGroup } from './find-group.js';
import type { BusLog } from './transport.js';

export interface ListenOptions {
  /** Absolute; its directory is made where it is missing. */
  readonly path: string;
  /** Who else may connect. A group that is not there is left out, and said so where `groupIsWish` is not set. */
  readonly group: string;
  readonly groupIsWish: boolean;
  readonly log: BusLog;
}

export interface ListeningSocket {
  readonly server: Server;
  /** Takes the socket away from its place, if it is still ours that is there. */
  readonly unlink: () => void;
}

const SOCKET_MODE = 0o660;
/** Of sockaddr_un, without the final NUL. */
const PATH_MAX_BYTES = 107;

/**
 * A server on a socket that nobody could connect to before its mode and group were right, and that took nobody's place who
 * still answers. Throws E_BUS_IN_USE, E_BUS_SOCKET.
 */
export async function listenOn(options: ListenOptions): Promise<ListeningSocket> {
  const { path } = options;
  let workshop: string | undefined;
  const server = createServer();
  try {
    const gid = groupId(options);
    const directory = dirname(path);
    if (mkdirSync(directory, { recursive: true, mode: 0o750 }) !== undefined) giveToGroup(directory, gid, options);
    // Made where only we can reach it, and in the same file system, since it is linked into place.
    workshop = mkdtempSync(join(directory, '.b'));
    const made = join(workshop, 's');
    for (const name of [path, made]) {
      if (Buffer.byteLength(name) > PATH_MAX_BYTES) throw new Error(`${name} is longer than ${PATH_MAX_BYTES} bytes`);
    }
    await startServer(server, made);
    giveToGroup(made, gid, options);
    chmodSync(made, SOCKET_MODE);
    const ours = lstatSync(made);
    await place(made, path, join(workshop, 'stale'));
    return {
      server,
      unlink() {
        const there = lstatSync(path, { throwIfNoEntry: false });
        if (there !== undefined && isSame(there, ours)) rmSync(path, { force: true });
      },
    };
  } catch (error) {
    server.close();
    if (error instanceof DecnetError) throw error;
    throw new DecnetError('E_BUS_SOCKET', `cannot listen on ${path}: ${(error as Error).message}`, { cause: error });
  } finally {
    if (workshop !== undefined) rmSync(workshop, { recursive: true, force: true });
  }
}

/** Links the new socket to its place; what stands there goes only when nobody answers on it. */
async function place(made: string, path: string, stale: string): Promise<void> {
  // Another server may do the same at the same time: whoever links first has it.
  for (let attempt = 0; attempt < 5; attempt++) {
    if (linkIfFree(made, path)) return;
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined) continue;
    if (!there.isSocket()) throw new DecnetError('E_BUS_SOCKET', `cannot listen on ${path}: that is no socket`);
    await refuseIfLive(path, path);
    moveAside(path, stale);
    try {
      // Between the question and the move it may have become somebody's.
      await refuseIfLive(stale, path);
    } catch (error) {
      linkIfFree(stale, path);
      throw error;
    }
    rmSync(stale, { force: true });
  }
  throw new DecnetError('E_BUS_IN_USE', `cannot listen on ${path}: other servers come and go there`);
}

function linkIfFree(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function moveAside(path: string, to: string): void {
  try {
    renameSync(path, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Only a refused connection, or no socket at all, says that nobody is there: one that is too busy to answer is alive. */
async function refuseIfLive(socket: string, path: string): Promise<void> {
  const code = await new Promise<string>((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve('connected');
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
    });
  });
  if (code === 'ECONNREFUSED' || code === 'ENOENT') return;
  if (code === 'connected' || code === 'EAGAIN') {
    throw new DecnetError('E_BUS_IN_USE', `cannot listen on ${path}: another bus serves it`, {
      next: 'stop that one, or choose another with --socket',
    });
  }
  throw new DecnetError('E_BUS_SOCKET', `cannot tell whether ${path} is in use: ${code}`);
}

function startServer(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function groupId({ group, groupIsWish, log }: ListenOptions): number | undefined {
  const gid = findGroup(group);
  if (gid === undefined && !groupIsWish) log({ level: 'warning', message: `there is no group named ${group}` });
  return gid;
}

function giveToGroup(path: string, gid: number | undefined, { group, log }: ListenOptions): void {
  if (gid === undefined) return;
  try {
    chownSync(path, -1, gid);
  } catch (error) {
    // Then it stays with our own group, which is narrower.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    log({ level: 'warning', message: `may not give ${path} to the group ${group}` });
  }
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}
