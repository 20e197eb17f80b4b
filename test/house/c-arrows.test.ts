import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkIncludes, checkSymbols } from '../../scripts/c-arrows.js';
import { ROOT } from './tracked.js';

let native: string;

beforeAll(() => {
  native = mkdtempSync(join(tmpdir(), 'decnet-native-'));
  for (const room of ['core', 'shell', 'addon']) mkdirSync(join(native, room));
  const files = {
    'core/shard.h': '',
    'core/shard.c': '#include "shard.h"\n#include <stdio.h>\nvoid sr_shard(void) { printf("%d\\n", 1); }\n',
    'core/pty.c': '#include <unistd.h>\nvoid sr_pty(void) { _exit(1); }\n',
    'core/quiet.c': '#include <string.h>\nunsigned long sr_quiet(const char *s) { return strlen(s); }\n',
    'core/up.c': '#include "../shell/main.h"\nint sr_up = 1;\n',
    'shell/main.h': '',
    'shell/main.c': '#include "shard.h"\n#include "../core/shard.h"\n#include "main.h"\n#include "addon/addon.h"\n',
    'addon/addon.h': '',
    'addon/addon.cc': '#include "shard.h"\n#include <napi.h>\n#include "../shell/main.h"\n',
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(native, path), text);
});

afterAll(() => rmSync(native, { recursive: true, force: true }));

test('shell and addon may include the core, never each other, and the core only itself', () => {
  expect(checkIncludes(native).map((line) => line.replace(/^.*?(?=(core|shell|addon)\/)/, ''))).toEqual([
    'core/up.c includes ../shell/main.h',
    'shell/main.c includes addon/addon.h',
    'addon/addon.cc includes ../shell/main.h',
  ]);
});

test('a core file that prints is caught, the child that leaves by _exit in pty.c is not', () => {
  expect(checkSymbols(join(native, 'core'))).toEqual(['core/shard.c calls printf: prints; only a program does']);
});

test('no include of ours crosses an arrow', () => {
  expect(checkIncludes(join(ROOT, 'native'))).toEqual([]);
});
