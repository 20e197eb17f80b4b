import { join, resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { prebuildArch, type PrebuildArch } from '../../contract/prebuild-manifest.js';
import { checkPrebuilds, type CheckedPrebuild } from '../../deploy/prebuilt/check-prebuilds.js';
import { pullLoginSession } from '../../deploy/prebuilt/pull-login-session.js';
import { readManifest, readPackageManifest } from '../../deploy/prebuilt/read-manifest.js';
import { isUrl } from '../../deploy/prebuilt/read-prebuild.js';
import { DecnetError } from '../../errors.js';
import { PACKAGE_ROOT } from '../../native/package-root.js';
import type { Cli, Verb } from '../cli.js';
import { formatCount } from '../format.js';
import { renderTable } from '../table.js';

/** What `npm pack` put into this package. */
const OWN = join(PACKAGE_ROOT, 'prebuilds');

/** The binaries that this package brought along, or that lie elsewhere (docs/prebuilds.md). */
export const prebuildsVerb: Verb = (program, cli) => {
  const prebuilds = program
    .command('prebuilds')
    .description('the recorder as it was built for machines without a compiler');
  addList(prebuilds, cli);
  addPull(prebuilds, cli);
};

function addList(prebuilds: Command, cli: Cli): void {
  prebuilds
    .command('list')
    .description('what this package brought along, each file checked; exit 1 when one is not right')
    .option('--json', 'as JSON')
    .action(async (options: { json?: boolean }) => {
      const manifest = await readManifest(OWN);
      const checked = await checkPrebuilds(OWN, manifest);
      if (options.json === true) {
        const files = checked.map(({ file, problem }) => ({ ...file, problem }));
        cli.printJson({ dir: OWN, version: manifest.version, files });
      } else cli.print(table(checked));
      const wrong = checked.flatMap(({ problem }) => problem ?? []);
      const [first] = wrong;
      if (first === undefined) return;
      throw new DecnetError(
        first.code,
        `${wrong.length} of ${formatCount(checked.length, 'file')} not right: ${first.message}`,
      );
    });
}

interface PullOptions {
  readonly to: string;
  readonly prebuilds?: string;
  readonly arch?: PrebuildArch;
  readonly manifestSha256?: string;
  readonly json?: boolean;
}

function addPull(prebuilds: Command, cli: Cli): void {
  prebuilds
    .command('pull')
    .description('bring a login-session to a file, checked against the manifest')
    .requiredOption('--to <file>', 'where it is to be')
    .option('--prebuilds <dir|url>', 'take it from this copy of prebuilds/ (a directory, or https://…)')
    .addOption(new Option('--arch <arch>', 'default: this machine').choices(prebuildArch.options))
    .option('--manifest-sha256 <hex>', 'trust the manifest there, which has this SHA-256, instead of this package')
    .option('--json', 'as JSON')
    .action(async (options: PullOptions) => {
      const pulled = await pullLoginSession({
        from: placeOf(options.prebuilds, cli.io.cwd),
        to: resolve(cli.io.cwd, options.to),
        arch: options.arch ?? ownArch(),
        packageManifest: await readPackageManifest(OWN),
        manifestSha256: digestOf(options.manifestSha256),
      });
      const { path, version, arch, libc, changed } = pulled;
      if (options.json === true) cli.printJson(pulled);
      else cli.print(path);
      cli.note(
        `decnet: login-session ${version} for ${arch} (${libc}), ${changed ? 'put there' : 'was there already'}`,
      );
    });
}

function placeOf(place: string | undefined, cwd: string): string {
  if (place === undefined) return OWN;
  return isUrl(place) ? place : resolve(cwd, place);
}

function ownArch(): PrebuildArch {
  const arch = prebuildArch.safeParse(process.arch);
  if (arch.success) return arch.data;
  throw new DecnetError('E_PREBUILD_MISSING', `nothing is prebuilt for ${process.arch}`, { next: 'npm run build' });
}

function digestOf(text: string | undefined): string | undefined {
  if (text === undefined || /^[0-9a-f]{64}$/i.test(text)) return text?.toLowerCase();
  throw new DecnetError('E_USAGE', '--manifest-sha256: not 64 hexadecimal digits');
}

function table(checked: readonly CheckedPrebuild[]): string {
  return renderTable<CheckedPrebuild>(
    [
      { title: 'FILE', cell: ({ file }) => file.path },
      {
        title: 'LIBC',
        cell: ({ file }) => (file.libc_min === null ? `${file.libc}, static` : `${file.libc} ${file.libc_min}`),
      },
      { title: 'BYTES', cell: ({ file }) => file.size_bytes, align: 'right' },
      { title: 'SHA-256', cell: ({ file }) => file.sha256, maxCells: 64 },
      { title: 'STATE', cell: ({ problem }) => problem?.code ?? 'good' },
    ],
    checked,
  );
}
