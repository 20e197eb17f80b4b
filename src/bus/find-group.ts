import { readFileSync } from 'node:fs';

/** The id of a group of this host, by name or as a number; undefined where there is none. */
export function findGroup(name: string, file = '/etc/group'): number | undefined {
  if (/^\d{1,9}$/.test(name)) return Number(name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const fields = text.split('\n').map((line) => line.split(':'));
  const gid = fields.find(([group]) => group === name)?.[2];
  return gid !== undefined && /^\d{1,10}$/.test(gid) ? Number(gid) : undefined;
}
