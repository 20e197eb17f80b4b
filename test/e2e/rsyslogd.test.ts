import { appendFileSync, writeFileSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { RELAY_ELEMENT } from '../../src/syslog/log-line.js';
import { parseLogLine } from '../../src/syslog/parse.js';
import { describeGroup } from './groups.js';
import { createDecky, type Decky } from './support/decky.js';
import { deckyLogin } from './support/decky-login.js';
import { readLogLine } from './support/log-tap.js';
import { startRsyslogd, type ParsedByRsyslog, type Rsyslogd } from './support/rsyslogd.js';

/** Everything that a value must survive: the three escaped characters, controls, more than ASCII, bytes that are no UTF-8. */
const HOSTILE = 'echo "a\\b]c" \'d="e"] [f g="h' + '\' \u0007\u001b[31m\u009b h\u00e9\u{1f40d} \\\\ ]] \\" # end';

describeGroup('rsyslogd', "a SIEM's reading of our lines", () => {
  let decky: Decky;
  let rsyslogd: Rsyslogd;
  beforeAll(async () => {
    decky = await createDecky({ config: { no_such_key: 'x', checkpoint_s: 'never' } });
    rsyslogd = await startRsyslogd();
  });
  afterAll(async () => {
    await rsyslogd.close();
    await decky.close();
  });

  /** rsyslogd, our own parser and the test's reader agree, field by field. */
  function expectAgreement(texts: readonly string[], parsed: readonly ParsedByRsyslog[]): void {
    for (const [i, text] of texts.entries()) {
      const ours = parseLogLine(text) ?? expect.fail(`our parser refuses ${text}`);
      const reader = readLogLine(text) ?? expect.fail(`not one of our lines: ${text}`);
      const params = Object.fromEntries(ours.data[0]?.params ?? []);
      expect(params).toEqual(reader.params);
      expect(parsed[i]).toEqual({
        pri: String(ours.facility * 8 + ours.severity),
        timestamp: ours.timestamp,
        host: ours.host,
        app: 'sessrec',
        procid: '-',
        msgid: ours.msgid,
        message: '',
        data: { [RELAY_ELEMENT]: params },
      });
    }
  }

  async function lives(): Promise<void> {
    const session = deckyLogin(decky, 'ada');
    onTestFinished(() => session.close());
    session.write('exit 3\r');
    await session.exited;
    for (const command of [HOSTILE, 'exit 9', `: ${'long é" '.repeat(2000)}`]) {
      const client = deckyLogin(decky, 'ada', { pty: false, argv0: 'login-session', args: ['-c', command] });
      onTestFinished(() => client.close());
      await client.exited;
    }
  }

  test("every kind of line, read from PID 1's stdout", async () => {
    await lives();
    await decky.log.waitFor('session_exec', (p) => p['command']?.startsWith(': long') === true);
    const texts = decky.log.lines().map((line) => line.text);
    const parsed = await rsyslogd.parse(texts.map((text) => `${text}\n`).join(''), texts.length);
    expectAgreement(texts, parsed);
    expect(new Set(parsed.map((one) => one.msgid))).toEqual(
      new Set(['recorder_notice', 'session_started', 'session_recorded', 'session_exec']),
    );
    const hostile = parsed.find((one) => one.data[RELAY_ELEMENT]?.['command']?.endsWith('# end'));
    // Nothing but control characters is missing from what was typed.
    expect(hostile?.data[RELAY_ELEMENT]?.['command']).toBe(HOSTILE.replace(/[\u0000-\u001f\u007f-\u009f]/g, ''));
    expect(hostile?.data[RELAY_ELEMENT]?.['command_bytes']).toBe(String(Buffer.byteLength(HOSTILE)));
  });

  test('the same from a log file, where others write too', async () => {
    writeFileSync(decky.path('/var/log/decky.log'), '');
    appendFileSync(decky.path('/etc/security/login-session.conf'), 'log_path=/var/log/decky.log\n');
    await lives();
    const bytes = readFileSync(decky.path('/var/log/decky.log'));
    const texts = bytes.toString().split('\n').slice(0, -1);
    expect(texts.length).toBeGreaterThanOrEqual(5);
    expectAgreement(texts, await rsyslogd.parse(bytes, texts.length));
  });
});
