// Exit 0 when node_modules holds what package-lock.json names and its compiled parts load; else 1, and the reason on stdout.
// Uses Node's built-ins only: it runs before anything is installed.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const root = new URL('../', import.meta.url);
const read = (path) => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

function staleBecause() {
  if (!existsSync(new URL('node_modules/.package-lock.json', root))) return 'node_modules is missing';
  const wanted = read('package-lock.json').packages;
  const installed = read('node_modules/.package-lock.json').packages;
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '') continue;
    if (installed[path] === undefined ? !optional : installed[path].version !== version)
      return `${path} is not ${version}`;
  }
  try {
    // Compiled for another Node, or never compiled: install scripts may have been refused.
    const Database = createRequire(import.meta.url)('better-sqlite3');
    new Database(':memory:').close();
  } catch (error) {
    return `better-sqlite3 does not load: ${String(error.message).split('\n')[0]}`;
  }
  return null;
}

const reason = staleBecause();
if (reason !== null) {
  console.log(reason);
  process.exitCode = 1;
}
