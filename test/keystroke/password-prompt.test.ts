import { expect, test } from 'vitest';
import { createPromptReader } from '../../src/keystroke/password-prompt.js';

test('a row that asks for a secret ends with its name, little more, and a colon', () => {
  const isPrompt = createPromptReader();
  const rows = [
    'Password: ',
    'PIN?',
    `token ${'x'.repeat(95)}:`,
    `token ${'x'.repeat(96)}:`,
    'tokens:',
    'pwd',
    'name:',
  ];
  expect(rows.map(isPrompt)).toEqual([true, true, true, false, false, false, false]);
});

test('once more rows asked for something than anybody sees, each is taken to ask for a secret', () => {
  const isPrompt = createPromptReader();
  const ask = (times: number): boolean[] => Array.from({ length: times }, (_, n) => isPrompt(`name ${n}: `));
  expect(ask(10_000)).not.toContain(true);
  expect([isPrompt('$ '), isPrompt('one more: ')]).toEqual([false, true]);
});
