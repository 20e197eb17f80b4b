import { Command, CommanderError } from 'commander';
import { loadConfig, type ConfigFlag, type LoadedConfig } from '../config/load-config.js';
import { CONFIG_KEYS, type ConfigKey } from '../config/schema.js';
import { DecnetError } from '../errors.js';
import { escapeCell } from '../transcript/escape-cell.js';
import { createCli } from './cli.js';
import { VERBS } from './commands/index.js';
import type { CliIo } from './io.js';

interface GlobalOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly set: readonly string[];
}

/** Does what the words say (`argv` without node and script) and resolves to the exit status: 0 done, 1 failed, 2 usage. */
export async function run(argv: readonly string[], io: CliIo): Promise<number> {
  const program = new Command('decnet');
  const readConfig = (): LoadedConfig => {
    const options = program.opts<GlobalOptions>();
    const { env, caller, cwd } = io;
    return loadConfig({ env, caller, cwd, file: options.config, flags: configFlags(options) });
  };
  const cli = createCli(io, readConfig, () => globalWords(program.opts<GlobalOptions>()));
  program
    .description('Records every interactive login on decoys, and tells who typed it.')
    .option('--config <file>', 'settings from this file instead of /etc/decnet/decnet.toml')
    .option('--state-dir <dir>', 'where database and artifacts are')
    .option('--set <key=value>', 'any setting (see `decnet config`)', (word, words: string[]) => [...words, word], [])
    .helpCommand('help [verb]', 'what a verb does and takes')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: () => undefined });
  for (const verb of VERBS) verb(program, cli);
  try {
    if (argv.length === 0) {
      io.stderr.write(program.helpInformation());
      return 2;
    }
    await program.parseAsync([...argv], { from: 'user' });
    return cli.exitStatus;
  } catch (error) {
    return report(error, io);
  } finally {
    await cli.close();
  }
}

function globalWords({ config, stateDir, set }: GlobalOptions): string[] {
  const words = [...(config === undefined ? [] : ['--config', config])];
  if (stateDir !== undefined) words.push('--state-dir', stateDir);
  return [...words, ...set.flatMap((word) => ['--set', word])].map(quoteWord);
}

/** As a shell takes it for one word. */
function quoteWord(word: string): string {
  return /^[\w./=:-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function configFlags({ stateDir, set }: GlobalOptions): Partial<Record<ConfigKey, ConfigFlag>> {
  const flags: Partial<Record<ConfigKey, ConfigFlag>> = {};
  if (stateDir !== undefined) flags.state_dir = { name: '--state-dir', text: stateDir };
  for (const word of set) {
    const at = word.indexOf('=');
    const key = CONFIG_KEYS.find((known) => known === word.slice(0, at));
    if (key === undefined) {
      throw new DecnetError('E_USAGE', `--set ${word}: not of the form key=value with a known key`, {
        next: 'see `decnet config` for all settings',
      });
    }
    flags[key] = { name: `--set ${key}`, text: word.slice(at + 1) };
  }
  return flags;
}

/** One line, and the next step where there is one. What is no expected failure is a bug, and stays thrown. */
function report(error: unknown, io: CliIo): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    return report(new DecnetError('E_USAGE', error.message.replace(/^error: /, ''), { next: 'decnet help' }), io);
  }
  const failure = expectedFailure(error);
  if (failure === undefined) throw error;
  io.stderr.write(`decnet: ${escapeCell(failure.message)} (${failure.code})\n`);
  if (failure.next !== undefined) io.stderr.write(`  next: ${escapeCell(failure.next)}\n`);
  return failure.code === 'E_USAGE' ? 2 : 1;
}

function expectedFailure(error: unknown): { message: string; code: string; next: string | undefined } | undefined {
  if (error instanceof DecnetError) return error;
  // The system's own failures (a full disk, no permission) name the call that failed.
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return { message: error.message, code: String(error.code), next: undefined };
}
