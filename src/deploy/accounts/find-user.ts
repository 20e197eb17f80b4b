import { readFileSync } from 'node:fs';

export interface Account {
  readonly uid: number;
  /** Of its own group. */
  readonly gid: number;
}

/** A user of this host by name; undefined where there is none. */
export function findUser(name: string, file = '/etc/passwd'): Account | undefined {
  const fields = readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([user]) => user === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return fields !== undefined && Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : undefined;
}

/** Whether a group names that user among its members (not whether it is the user's own). */
export function isMember(user: string, group: string, file = '/etc/group'): boolean {
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .some(([name, , , members = '']) => name === group && members.split(',').includes(user));
}
