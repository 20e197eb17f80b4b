import type { Knex } from 'knex';

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('session_profile', (t) => {
    t.text('sid').primary().references('sid').inTable('sessions').onDelete('CASCADE');
    t.integer('schema_version').notNullable();
    t.bigInteger('computed_at').notNullable();
    t.double('session_duration_ms').notNullable();
    t.integer('total_keystrokes').notNullable();
    t.integer('noecho_spans').notNullable();
    t.integer('paste_count').notNullable();
    t.integer('pasted_chars').notNullable();
    t.double('kd_iki_mean_ms');
    t.double('kd_iki_stdev_ms');
    t.double('kd_iki_cov');
    t.double('kd_iki_p50_ms');
    t.double('kd_iki_p95_ms');
    t.double('kd_iki_mad_ms');
    t.double('kd_max_pause_ms');
    t.double('kd_timing_grid_ms');
    t.double('kd_enter_latency_p50_ms');
    t.double('kd_enter_latency_p95_ms');
    t.double('kd_burst_ratio');
    t.double('kd_think_ratio');
    t.integer('kd_pause_hist_burst');
    t.integer('kd_pause_hist_think');
    t.integer('kd_pause_hist_distracted');
    t.double('kd_start_of_action_latency_ms');
    t.double('kd_ctrl_backspace');
    t.double('kd_ctrl_wkill');
    t.double('kd_ctrl_ukill');
    t.double('kd_ctrl_abort');
    t.double('kd_ctrl_eof');
    t.double('kd_arrow_rate');
    t.double('kd_tab_rate');
    t.integer('kd_digraph_count').notNullable();
    t.text('kd_digraph_simhash');
    t.text('kd_rhythm_simhash');
    t.text('kd_top_bigrams').notNullable();
    t.text('kd_class').notNullable();
    t.double('kd_class_confidence').notNullable();
    t.text('kd_class_reason').notNullable();
    t.index(['schema_version'], 'session_profile_schema_version');
  });
}

export async function down(db: Knex): Promise<void> {
  await db.schema.dropTable('session_profile');
}
