import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTerminal } from '../../native/terminal.js';
import { watchShard } from '../health/watch-shard.js';
import { failed, good, type DoctorCheck } from './doctor-check.js';

const TERM = 'xterm-check';
const PATIENCE_MS = 15_000;
const NEXT = 'npm run build, or name another with login_session';

/** login-session runs here, and what it records is whole: a session of its own, in a folder that is gone after. */
export const recorderCheck: DoctorCheck = {
  name: 'recorder',
  async run({ recorder, env }) {
    const file = recorder();
    const dir = mkdtempSync(join(tmpdir(), 'decnet-doctor-'));
    try {
      const transcripts = join(dir, 'transcripts');
      mkdirSync(transcripts, { mode: 0o750 });
      writeFileSync(join(dir, 'log'), '', { mode: 0o600 });
      const settings = { transcripts_dir: transcripts, log_path: join(dir, 'log'), service: 'local', shell: '/bin/sh' };
      const text = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
      const conf = join(dir, 'login-session.conf');
      writeFileSync(conf, text.join(''), { mode: 0o600 });
      chmodSync(conf, 0o600);
      const watch = await watchShard(transcripts);
      const argv = ['login-session', '--config', conf, '-c', 'echo recorded'];
      const terminal = openTerminal({ file, argv, env: { PATH: env['PATH'], TERM, HOME: '/' } });
      try {
        const ended = AbortSignal.timeout(PATIENCE_MS);
        const session = await watch.begun(TERM, ended);
        if (session === undefined) return [failed(`${file} recorded nothing`, NEXT)];
        const why = await watch.whole(session.sid, ended);
        if (why === undefined) return [failed(`${file} did not end its recording`, NEXT)];
        if (why !== null) return [failed(`${file}: its recording is not whole: ${why}`, NEXT)];
        return [good(`${file} records`)];
      } finally {
        await terminal.close({ graceMs: 1000 });
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
};
