import { appendFileSync } from 'node:fs';
import type { PipelineDecky } from './pipeline-decky.js';

const EVERY_MS = 50;

/** Daemons that talk all the time into the logs of these deckies, so that whoever is killed is killed at work. No two lines are the same. */
export function startChatter(deckies: readonly PipelineDecky[], linesPerS: number): { stop(): void } {
  const started = performance.now();
  let lines = 0;
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - started) / 1000) * linesPerS);
    const time = new Date().toISOString();
    const texts = deckies.map((): string[] => []);
    for (; lines < due; lines++) {
      texts[lines % deckies.length]?.push(`<38>1 ${time} decoy cron 77 - - (root) CMD (run ${lines})\n`);
    }
    for (const [i, { logPath }] of deckies.entries()) appendFileSync(logPath, texts[i]?.join('') ?? '');
  }, EVERY_MS);
  return { stop: () => clearInterval(timer) };
}
