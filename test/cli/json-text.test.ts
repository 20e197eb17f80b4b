import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/cli/json-text.js';

describe('jsonText', () => {
  it('says the same as JSON.stringify without a character that a terminal acts on or nobody sees', () => {
    const value = { '\u009b31m': 'a\u001b\u007f\u0085\u200b\u202e\u2028\u{e0041}z', emoji: '🦉', list: ['ä', 1, null] };
    for (const indent of [undefined, 2]) {
      const text = jsonText(value, indent);
      expect(JSON.parse(text)).toEqual(value);
      expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}]/u);
      expect(text).toContain('🦉');
    }
  });
});
