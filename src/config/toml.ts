import { parse, stringify } from 'smol-toml';

export type ParsedToml =
  { readonly values: Record<string, unknown> } | { readonly problem: string; readonly cause: unknown };

/** What a TOML text says, or one line on why it says nothing. */
export function parseToml(text: string): ParsedToml {
  try {
    return { values: parse(text) };
  } catch (cause) {
    const { message, line } = cause as Error & { line?: unknown };
    const [first = ''] = message.split('\n');
    return {
      problem: typeof line === 'number' ? `line ${line}: ${first.replace(/^Invalid TOML document: /, '')}` : first,
      cause,
    };
  }
}

export function formatToml(values: Record<string, unknown>): string {
  return stringify(values);
}
