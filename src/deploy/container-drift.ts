import { DECKY_CAPABILITIES } from './container-limits.js';

/** A bind mount of a container. */
export interface SeenMount {
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
}

/** What an engine says of how a container was made. */
export interface SeenRights {
  readonly mounts: readonly SeenMount[];
  readonly privileged: boolean;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly pidMode: string;
  readonly networkMode: string;
}

/** In what a container is not as it was deployed, so that its recordings may not be whole: one sentence. null = in nothing. */
export function describeDrift(seen: SeenRights, binds: readonly SeenMount[]): string | null {
  if (seen.privileged) return 'its container is privileged';
  if (seen.pidMode === 'host' || seen.networkMode === 'host') return 'its container shares a namespace with the host';
  const allowed: readonly string[] = DECKY_CAPABILITIES;
  const extra = seen.capAdd.map((name) => name.replace(/^CAP_/, '')).filter((name) => !allowed.includes(name));
  if (extra.length > 0) return `its container has rights that no decky has: ${extra.slice(0, 5).join(', ')}`;
  if (!seen.capDrop.some((name) => name.toUpperCase() === 'ALL'))
    return 'its container was not deprived of all rights first';
  for (const bind of binds) {
    const mounted = seen.mounts.find(({ target }) => target === bind.target);
    if (mounted === undefined) return `${bind.target} is not mounted`;
    if (mounted.source !== bind.source) return `${bind.target} is mounted from ${mounted.source}`;
    if (bind.readOnly && !mounted.readOnly) return `${bind.target} can be written`;
  }
  return null;
}
