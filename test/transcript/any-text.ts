import fc from 'fast-check';

/** Short texts in which controls, C1, bidi and zero-width characters are common, and every other character possible. */
export const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xa5 }),
      fc.integer({ min: 0x2000, max: 0x2070 }),
      fc.integer({ min: 0, max: 0x10ffff }).filter((code) => code < 0xd800 || code > 0xdfff),
    ),
    { maxLength: 8 },
  )
  .map((codes) => String.fromCodePoint(...codes));
