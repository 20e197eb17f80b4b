import { escapeCell } from '../transcript/escape-cell.js';

export interface TableColumn<Row> {
  readonly title: string;
  /** What is shown; whatever it is, it reaches the terminal escaped. */
  readonly cell: (row: Row) => string | number | null;
  readonly align?: 'right';
  /** What is longer is cut. Default 40. */
  readonly maxCells?: number;
}

const CELL_MAX = 40;

/** Lines of a table, title line first; the last column is not padded. null is shown as `-`. */
export function renderTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string {
  const cells = rows.map((row) => columns.map((column) => cellText(column.cell(row), column.maxCells ?? CELL_MAX)));
  const lines = [columns.map((column) => column.title), ...cells];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => width(line[at] ?? ''))));
  const render = (line: readonly string[]): string =>
    line
      .map((text, at) => {
        const gap = ' '.repeat((widths[at] ?? 0) - width(text));
        return columns[at]?.align === 'right' ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd();
  return lines.map(render).join('\n');
}

function cellText(value: string | number | null, maxCells: number): string {
  if (value === null || value === '') return '-';
  const text = escapeCell(String(value));
  const characters = Array.from(text);
  return characters.length > maxCells ? `${characters.slice(0, maxCells - 1).join('')}…` : text;
}

function width(text: string): number {
  return Array.from(text).length;
}
