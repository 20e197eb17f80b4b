import type { SessionProfile } from '../contract/session-profile.js';
import { roundTo } from '../std/round-to.js';
import type { Stroke } from './stroke.js';
import type { KeyName } from './token.js';

export type KeyColumns = Pick<
  SessionProfile,
  | 'total_keystrokes'
  | 'noecho_spans'
  | 'paste_count'
  | 'pasted_chars'
  | 'kd_ctrl_backspace'
  | 'kd_ctrl_wkill'
  | 'kd_ctrl_ukill'
  | 'kd_ctrl_abort'
  | 'kd_ctrl_eof'
  | 'kd_arrow_rate'
  | 'kd_tab_rate'
>;

/** The columns that count what was pressed: rates are per echoed keystroke. */
export function keyColumns(strokes: readonly Stroke[]): KeyColumns {
  const pressed = new Map<KeyName, number>();
  let total = 0;
  let noechoSpans = 0;
  let pastes = 0;
  let pastedChars = 0;
  let inSpan = false;
  for (const stroke of strokes) {
    const concealed = stroke.kind === 'key' && stroke.concealed;
    if (concealed && !inSpan) noechoSpans++;
    inSpan = concealed;
    if (stroke.kind === 'paste') {
      pastes++;
      pastedChars += stroke.chars;
    } else if (stroke.kind === 'key' && !concealed) {
      total++;
      pressed.set(stroke.key, (pressed.get(stroke.key) ?? 0) + 1);
    }
  }
  const rate = (key: KeyName): number | null => (total === 0 ? null : roundTo((pressed.get(key) ?? 0) / total, 6));
  return {
    total_keystrokes: total,
    noecho_spans: noechoSpans,
    paste_count: pastes,
    pasted_chars: pastedChars,
    kd_ctrl_backspace: rate('backspace'),
    kd_ctrl_wkill: rate('wkill'),
    kd_ctrl_ukill: rate('ukill'),
    kd_ctrl_abort: rate('abort'),
    kd_ctrl_eof: rate('eof'),
    kd_arrow_rate: rate('arrow'),
    kd_tab_rate: rate('tab'),
  };
}
