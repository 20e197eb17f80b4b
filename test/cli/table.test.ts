import { describe, expect, it } from 'vitest';
import { renderTable } from '../../src/cli/table.js';

describe('renderTable', () => {
  it('aligns columns, shows nothing as a dash, and keeps every row on one line', () => {
    const columns = [
      { title: 'NAME', cell: (row: [string | null, number]) => row[0] },
      { title: 'N', cell: (row: [string | null, number]) => row[1], align: 'right' as const },
    ];
    const rows: [string | null, number][] = [
      ['a\nb', 1],
      [null, 100],
    ];
    expect(renderTable(columns, rows)).toBe('NAME    N\na\\nb    1\n-     100');
  });

  it('cuts a cell that would push the others off the screen', () => {
    const [, line = ''] = renderTable([{ title: 'X', cell: (row: string) => row }], ['x'.repeat(500)]).split('\n');
    expect(Array.from(line)).toHaveLength(40);
    expect(line.endsWith('…')).toBe(true);
  });
});
