/** One line of the result. Figures are in `unit`. */
export interface Row {
  readonly name: string;
  readonly unit: string;
  /** The bare relay's figure; null where there is none to compare with. */
  readonly bare: number | null;
  readonly recorder: number;
  /** What the target is about: a ratio, a difference, or the figure itself. */
  readonly value: number;
  /** `value` in words, as the table shows it. */
  readonly says: string;
  /** The most that `value` may be; null = for information. */
  readonly target: number | null;
  readonly met: boolean | null;
  readonly note: string;
}

interface RowParts {
  readonly name: string;
  readonly unit: string;
  readonly bare: number | null;
  readonly recorder: number;
  readonly target: number | null;
  readonly note?: string;
}

function createRow(parts: RowParts, value: number, says: string): Row {
  const met = parts.target === null ? null : value <= parts.target;
  return { ...parts, note: parts.note ?? '', value, says, met };
}

/** `value` is recorder / bare, or the ratio given (a median of ratios). */
export function ratioRow(parts: RowParts & { readonly bare: number }, ratio = parts.recorder / parts.bare): Row {
  return createRow(parts, ratio, `${ratio.toFixed(2)}x`);
}

/** `value` is recorder - bare. */
export function differenceRow(parts: RowParts & { readonly bare: number }): Row {
  const difference = parts.recorder - parts.bare;
  return createRow(parts, difference, `${difference < 0 ? '' : '+'}${shown(difference)} ${parts.unit}`);
}

/** `value` is the recorder's figure. */
export function plainRow(parts: Omit<RowParts, 'bare'> & { readonly bare?: number }): Row {
  return createRow({ bare: null, ...parts }, parts.recorder, `${shown(parts.recorder)} ${parts.unit}`);
}

const shown = (value: number): string =>
  Math.abs(value) >= 100 || value === 0 ? value.toFixed(0) : value.toPrecision(3);

/** The table, with a verdict for each row that has a target. */
export function renderRows(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.bare === null ? '-' : `${shown(row.bare)} ${row.unit}`,
    `${shown(row.recorder)} ${row.unit}`,
    row.says,
    targetText(row),
    row.met === null ? '' : row.met ? 'met' : 'MISSED',
    row.note,
  ]);
  const table = [['', 'bare relay', 'recorder', 'compared', 'target', 'verdict', ''], ...cells];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function targetText(row: Row): string {
  if (row.target === null) return '';
  const unit = row.says.endsWith('x') ? 'x' : ` ${row.unit}`;
  return row.target === 0
    ? `0${unit}`
    : `<= ${row.says.startsWith('+') || row.says.startsWith('-') ? '+' : ''}${row.target}${unit}`;
}
