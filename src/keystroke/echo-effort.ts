/** What it took to look for echoes so far: characters compared, about. A count and no time: the same for the same session. */
export interface EchoEffort {
  spent: number;
}

/** Many times what 10 MiB of a full-screen program take. Whoever needs more is out to keep a reader busy. */
export const ECHO_EFFORT_MAX = 20_000_000;
