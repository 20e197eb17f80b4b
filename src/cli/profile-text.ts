import type { SessionProfile } from '../contract/session-profile.js';
import { formatCount } from './format.js';
import { rhythmPicture } from './rhythm-picture.js';

/** A profile for a person: who it looks like, the numbers, the rhythm. `intervalsMs`: without them no sparkline. */
export function profileText(
  profile: SessionProfile,
  intervalsMs: readonly number[],
  columns: number | undefined,
): string {
  const sure = Math.round(profile.kd_class_confidence * 100);
  const numbers: [string, string][] = [
    ['class', `${profile.kd_class} (${sure} % sure): ${profile.kd_class_reason}`],
    [
      'keystrokes',
      `${profile.total_keystrokes} echoed; ${formatCount(profile.noecho_spans, 'hidden span')}; ${pastes(profile)}`,
    ],
    [
      'interval',
      `mean ${ms(profile.kd_iki_mean_ms)}, median ${ms(profile.kd_iki_p50_ms)}, p95 ${ms(profile.kd_iki_p95_ms)}`,
    ],
    [
      'spread',
      `stdev ${ms(profile.kd_iki_stdev_ms)}, CoV ${plain(profile.kd_iki_cov)}, MAD ${ms(profile.kd_iki_mad_ms)}`,
    ],
    ['pauses', `longest ${ms(profile.kd_max_pause_ms)}; start of action ${ms(profile.kd_start_of_action_latency_ms)}`],
    [
      'enter',
      `median ${ms(profile.kd_enter_latency_p50_ms)}, p95 ${ms(profile.kd_enter_latency_p95_ms)} after the key before`,
    ],
    [
      'editing',
      `backspace ${rate(profile.kd_ctrl_backspace)}, arrows ${rate(profile.kd_arrow_rate)}, tab ${rate(profile.kd_tab_rate)} per key`,
    ],
    ['time grid', profile.kd_timing_grid_ms === null ? 'none seen' : ms(profile.kd_timing_grid_ms)],
  ];
  const picture = rhythmPicture(
    {
      intervalsMs,
      burst: profile.kd_pause_hist_burst,
      think: profile.kd_pause_hist_think,
      distracted: profile.kd_pause_hist_distracted,
    },
    columns,
  );
  return [...numbers.map(([name, text]) => `${name.padEnd(11)} ${text}`), ...picture].join('\n');
}

function pastes({ paste_count: count, pasted_chars: characters }: SessionProfile): string {
  return count === 0 ? 'nothing pasted' : `${count} pasted (${characters} characters)`;
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

function plain(value: number | null): string {
  return value === null ? '-' : value.toFixed(2);
}

function rate(value: number | null): string {
  return value === null ? '-' : value.toFixed(3);
}
