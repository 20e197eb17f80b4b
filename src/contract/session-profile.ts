import { z } from 'zod';

/** Bumped when a column's meaning changes; rows of an older version are computed again. */
export const PROFILE_SCHEMA_VERSION = 1;

export const profileClass = z.enum(['human', 'jittered', 'scripted', 'pasted', 'unknown']);
export type ProfileClass = z.infer<typeof profileClass>;

const count = z.int().nonnegative();
const ms = z.number().nonnegative().nullable();
const share = z.number().min(0).max(1).nullable();
const rate = z.number().nonnegative().nullable();
const simhash = z
  .string()
  .regex(/^[0-9a-f]{16}$/)
  .nullable();

/**
 * How a session was typed: timing and frequency only, nothing typed. One row per sid; null = not known, 0 = counted and none.
 * Meaning of each column: docs/session-profile.md. `computed_at` alone is outside the promise that one shard gives one row.
 */
export const sessionProfile = z.strictObject({
  sid: z.string(),
  schema_version: count,
  /** Epoch milliseconds. */
  computed_at: count,
  session_duration_ms: z.number().nonnegative(),
  total_keystrokes: count,
  noecho_spans: count,
  paste_count: count,
  pasted_chars: count,
  kd_iki_mean_ms: ms,
  kd_iki_stdev_ms: ms,
  kd_iki_cov: rate,
  kd_iki_p50_ms: ms,
  kd_iki_p95_ms: ms,
  kd_iki_mad_ms: ms,
  kd_max_pause_ms: ms,
  kd_timing_grid_ms: ms,
  kd_enter_latency_p50_ms: ms,
  kd_enter_latency_p95_ms: ms,
  kd_burst_ratio: share,
  kd_think_ratio: share,
  kd_pause_hist_burst: count.nullable(),
  kd_pause_hist_think: count.nullable(),
  kd_pause_hist_distracted: count.nullable(),
  kd_start_of_action_latency_ms: ms,
  kd_ctrl_backspace: rate,
  kd_ctrl_wkill: rate,
  kd_ctrl_ukill: rate,
  kd_ctrl_abort: rate,
  kd_ctrl_eof: rate,
  kd_arrow_rate: rate,
  kd_tab_rate: rate,
  kd_digraph_count: count,
  kd_digraph_simhash: simhash,
  kd_rhythm_simhash: simhash,
  kd_top_bigrams: z.array(z.tuple([z.string(), count, z.number().nonnegative()])).max(32),
  kd_class: profileClass,
  kd_class_confidence: z.number().min(0).max(1),
  kd_class_reason: z.string(),
});

export type SessionProfile = z.infer<typeof sessionProfile>;
