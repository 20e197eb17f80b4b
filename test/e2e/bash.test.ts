import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openTerminal, type Terminal } from '../../src/native/terminal.js';
import { describeGroup } from './groups.js';
import { prove } from './support/proof.js';
import { PROMPT, recorder } from './support/recorder.js';

/** bash runs `script` first, with login-session's words as `"$@"`. */
function afterScript(script: string) {
  return (words: readonly string[], program: string) => ({
    file: '/bin/bash',
    argv: ['bash', '-c', script, program, ...words],
  });
}

describeGroup('bash', 'ways into a shell on a terminal', () => {
  test('an interactive login is recorded as its client saw it', async () => {
    const rec = recorder();
    const client = rec.login();
    await client.waitFor(PROMPT);
    client.write('echo one; exit 3\r');
    const { exit, recording } = await prove(rec, client, 'echo one; exit 3\r');
    expect(exit).toEqual({ status: 3, signal: null });
    expect(recording.end).toMatchObject({ reason: 'exit', status: 3, signal: null });
    expect(recording.header).toMatchObject({
      version: 2,
      width: 80,
      height: 24,
      env: { SHELL: '/bin/bash', TERM: 'xterm' },
    });
    expect(await rec.event('session_recorded')).toMatchObject({
      sid: recording.sid,
      reason: 'exit',
      status: '3',
      truncated: 'false',
      sha256: recording.sha256,
      lines: String(recording.counted),
    });
    expect(rec.events().map((e) => e.msgid)).toEqual(['session_started', 'session_recorded']);
  });

  test.each([
    ['-bash', []],
    ['login-session', []],
    ['login-session', ['-l']],
    ['-bash', ['--noprofile']],
  ])('called %s %j, the shell is called as it would be without us', async (argv0, args) => {
    const rec = recorder();
    const ask = 'echo "<$0|$-|$(shopt -q login_shell && echo yes || echo no)>"; exit\r';
    const answer = async (client: Terminal): Promise<string> => {
      // Ours, or bash's own: `#` for root, `$` for others.
      await client.waitFor(/[#$>] $/);
      client.write(ask);
      return (await client.waitFor(/<[^$<>]+\|(yes|no)>/)).match;
    };
    const plainName = argv0.startsWith('-') ? '-bash' : 'bash';
    const env = { HOME: rec.home, TERM: 'xterm', PATH: process.env['PATH'] };
    const plain = openTerminal({ file: '/bin/bash', argv: [plainName, ...args], env });
    const expected = await answer(plain);
    await plain.close();
    const client = rec.login({ argv0, args });
    expect(await answer(client)).toBe(expected);
    await prove(rec, client, ask);
  });

  test('further words reach the shell', async () => {
    const rec = recorder();
    const client = rec.login({ args: ['-s', 'two words', '--config', 'x'] });
    await client.waitFor(PROMPT);
    client.write('printf "<%s>" "$@"; exit\r');
    await client.waitFor('<two words><--config><x>');
    await prove(rec, client);
  });

  test('a command with a terminal runs on one, and is in the recording', async () => {
    const rec = recorder();
    const command = 'tty; stty size; read -r line; echo "got $line"; exit 7';
    const client = rec.login({ argv0: 'bash', args: ['-c', command], cols: 101, rows: 33 });
    await client.waitFor('33 101');
    client.write('hello\r');
    const { exit, recording } = await prove(rec, client, 'hello\r');
    expect(exit.status).toBe(7);
    expect(recording.bytes('c').toString()).toBe(command);
    expect(recording.header).toMatchObject({ width: 101, height: 33 });
    expect(client.output().toString()).toContain('got hello');
  });

  test('the shell finds what a plain login finds: descriptors, signals, limits, directory, environment', async () => {
    const rec = recorder();
    const script = [
      'ls -l /proc/self/fd | sed -n "s/.* \\([0-9]* -> .*\\)/\\1/p" | grep -v /proc/',
      'grep -E "^(Sig(Blk|Ign|Cgt)|NoNewPrivs|Groups|Uid|Gid|CoreDumping|Seccomp):" /proc/$$/status',
      'ulimit -a; ulimit -Ha; umask; pwd; env | sort; trap',
      'read -r _ _ _ _ group session _ foreground _ < /proc/$$/stat; [ $group = $$ -a $session = $$ -a $foreground = $$ ]; echo leads $?',
    ].join('\n');
    const env = { HOME: rec.home, TERM: 'xterm', PATH: process.env['PATH'], SSH_TTY: '', LANG: 'C.UTF-8' };
    const seen = async (client: Terminal): Promise<string> => {
      await client.exited;
      await client.closed;
      return client
        .output()
        .toString()
        .replaceAll(/(\/dev\/pts\/|pipe:\[)\d+/g, '$1N');
    };
    const plain = openTerminal({
      file: '/bin/bash',
      argv: ['-bash', '-c', script],
      env: { ...env, SHELL: '/bin/bash', SSH_TTY: '/dev/pts/1', USER: 'root', LOGNAME: 'root' },
      cwd: rec.home,
    });
    const expected = await seen(plain);
    expect(expected).toContain('leads 0');
    const client = rec.login({ args: ['-c', script], env: { ...env, SHELL: rec.program, SSH_TTY: '/dev/pts/2' } });
    expect(await seen(client)).toBe(expected);
    await prove(rec, client, '');
  });

  test('a terminal without a size is 80x24', async () => {
    const rec = recorder();
    const client = rec.login({
      args: ['-c', 'stty size'],
      through: (words) => afterScript('stty rows 0 cols 0; exec -a "$1" "$0" "${@:2}"')(words, rec.program),
    });
    const { recording } = await prove(rec, client, '');
    expect(client.output().toString()).toBe('24 80\r\n');
    expect(recording.header).toMatchObject({ width: 80, height: 24 });
  });
});

describeGroup('bash', 'a command without a terminal', () => {
  test('it runs with its own descriptors, and one event says what was run', async () => {
    const rec = recorder();
    const command = 'cat; echo "err é" >&2; exit 5';
    const client = rec.login({ pty: false, argv0: 'bash', args: ['-c', command] });
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) & 255));
    client.write(bytes);
    client.endInput();
    expect(await client.exited).toEqual({ status: 5, signal: null });
    await client.closed;
    expect(client.output().equals(bytes)).toBe(true);
    expect(client.errorOutput().toString()).toBe('err é\n');
    expect(await rec.event('session_exec')).toMatchObject({
      command,
      command_bytes: String(Buffer.byteLength(command)),
      command_sha256: createHash('sha256').update(command).digest('hex'),
      bytes_in: '-',
      bytes_out: '-',
      status: '5',
    });
    expect(rec.events()).toHaveLength(1);
    expect(rec.shards().recordings.size).toBe(0);
  });

  test('nothing of its input is read ahead, and further descriptors are there', async () => {
    const rec = recorder();
    const input = join(rec.folder, 'input');
    writeFileSync(input, 'first line\n' + 'the rest\n'.repeat(20_000));
    const client = rec.login({
      pty: false,
      args: ['-c', 'read -r line; echo "$line"; cat <&3; echo seven >&7'],
      through: (words) =>
        afterScript(`exec <${input} 3<<<three 7>${rec.folder}/seven; "$0" "\${@:2}"; cat`)(words, rec.program),
    });
    expect((await client.exited).status).toBe(0);
    await client.closed;
    // bash reads one line of a file and no more: what follows is there for whoever reads next.
    expect(client.output().toString()).toBe('first line\nthree\n' + 'the rest\n'.repeat(20_000));
    expect(readFileSync(join(rec.folder, 'seven'), 'utf8')).toBe('seven\n');
  });

  test('a command too long for its log line is in the shard, whole', async () => {
    const rec = recorder();
    const command = `: '${'long "é\\]\t'.repeat(10_000)}'; echo done`;
    const client = rec.login({ pty: false, args: ['-c', command] });
    expect((await client.exited).status).toBe(0);
    await client.closed;
    expect(client.output().toString()).toBe('done\n');
    const event = await rec.event('session_exec');
    expect(event).toMatchObject({
      command_bytes: String(Buffer.byteLength(command)),
      command_sha256: createHash('sha256').update(command).digest('hex'),
    });
    // Control characters have no place in a log line.
    expect(command.replaceAll('\t', '').startsWith(event['command'] ?? '-')).toBe(true);
    expect((event['command'] ?? '').length).toBeGreaterThan(2000);
    const recording = rec.only();
    expect(recording.sid).toBe(event['sid']);
    expect(recording.bytes('c').equals(Buffer.from(command))).toBe(true);
    expect(recording.end).toMatchObject({ reason: 'exit', status: 0, sha256: recording.sha256 });
  });

  test('a command of several lines, which a log line cannot hold as it is, is in the shard, whole', async () => {
    const rec = recorder();
    const command = 'echo one\necho two\n\techo three';
    const client = rec.login({ pty: false, args: ['-c', command] });
    await client.closed;
    const event = await rec.event('session_exec');
    const recording = rec.only();
    expect(recording.sid).toBe(event['sid']);
    expect(client.output().toString()).toBe('one\ntwo\nthree\n');
    expect(recording.bytes('c').toString()).toBe(command);
  });

  test('a command ended by a signal ends us by it', async () => {
    const rec = recorder();
    const client = rec.login({ pty: false, args: ['-c', 'kill -SEGV $$'] });
    expect(await client.exited).toEqual({ status: null, signal: 'SIGSEGV' });
    expect(await rec.event('session_exec')).toMatchObject({ status: '-', signal: 'SEGV' });
  });

  test('a background job that keeps the output open is waited for by the reader of the output, not by us', async () => {
    const rec = recorder();
    const client = rec.login({ pty: false, args: ['-c', 'sleep 60 & echo $!; exit 4'] });
    expect((await client.exited).status).toBe(4);
    process.kill(Number((await client.waitFor(/\d+/)).match));
    await client.closed;
  });
});

describeGroup('bash', 'a script on pipes', () => {
  test('a script piped in is recorded like a session, its errors as a stream of their own', async () => {
    const rec = recorder();
    const client = rec.login({ pty: false });
    const script =
      'tty; echo out é; echo err ü >&2; printf "\\xff\\x00" ; read -r line; echo "<$line>"\ndata for read\nexit 9\n';
    client.write(script);
    client.endInput();
    const { exit, recording } = await prove(rec, client, script);
    expect(exit.status).toBe(9);
    expect(recording.header).toMatchObject({ login: { tty: null } });
    expect(client.output().toString('latin1')).toContain('<data for read>');
    expect(client.errorOutput().toString()).toContain('err ü');
  });

  test('the end of the input is the end of the shell', async () => {
    const rec = recorder();
    const client = rec.login({ pty: false });
    client.write('echo last');
    client.endInput();
    const { exit } = await prove(rec, client, 'echo last');
    expect(exit.status).toBe(0);
    expect(client.output().toString()).toBe('last\n');
  });

  test('1 MB passes both ways at once, byte for byte', async () => {
    const rec = recorder({ session_cap_bytes: '64M', input_reserve_bytes: '16M' });
    const client = rec.login({ pty: false });
    const block = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => (i * 31 + (i >> 9)) & 255));
    const head = Buffer.from(`exec cat\n`);
    client.write(head);
    client.write(block);
    client.endInput();
    await prove(rec, client, Buffer.concat([head, block]));
    expect(client.output().equals(block)).toBe(true);
  });
});
