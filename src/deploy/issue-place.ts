import type { ZodError } from 'zod';

/** Where the first thing is that does not fit, as whoever wrote the file would say it (`decky[2].user[0].name`), and what. */
export function issuePlace(error: ZodError): { place: string; message: string } {
  const [issue] = error.issues;
  const path = [...(issue?.path ?? [])];
  if (issue?.code === 'unrecognized_keys') {
    path.push(issue.keys[0] ?? '');
    return { place: placeText(path), message: 'there is no such setting' };
  }
  const place = placeText(path);
  if (issue?.code === 'invalid_type' && issue.message.endsWith('received undefined')) {
    return { place, message: 'missing' };
  }
  return { place, message: issue?.message ?? 'not usable' };
}

function placeText(path: readonly PropertyKey[]): string {
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at === 0 ? '' : '.'}${String(step)}`))
    .join('');
}
