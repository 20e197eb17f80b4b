import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '../../..');
/** What the package has beside its code, and looks for two folders above it. */
const BESIDE = ['node_modules', 'build', 'prebuilds', 'package.json'];

let built: string | undefined;

/**
 * The path of the command line, compiled from the sources as they are now: starting it costs a third of what starting it
 * through tsx does, and no test speaks of an old build. Made once, and gone with this process.
 */
export function builtCommandLine(): string {
  if (built !== undefined) return built;
  const folder = mkdtempSync(join(tmpdir(), 'decnet-built-'));
  process.once('exit', () => {
    rmSync(folder, { recursive: true, force: true });
  });
  for (const name of BESIDE) symlinkSync(join(ROOT, name), join(folder, name));
  for (const name of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const to = join(folder, 'dist', name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, compile(readFileSync(join(ROOT, 'src', name), 'utf8'), name));
  }
  built = join(folder, 'dist/cli/main.js');
  return built;
}

/** One file by itself, as `isolatedModules` promises it can be; types are for `npm run typecheck`. */
function compile(source: string, fileName: string): string {
  const compilerOptions = {
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.ESNext,
    verbatimModuleSyntax: true,
    inlineSourceMap: true,
  };
  return ts.transpileModule(source, { compilerOptions, fileName }).outputText;
}
