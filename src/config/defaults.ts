import { join } from 'node:path';
import type { Config } from './schema.js';

export interface Caller {
  readonly uid: number;
  readonly homeDir: string;
}

/** The directory for state where none is set: the system's for root, the caller's own otherwise. */
export function defaultStateDir(caller: Caller): string {
  return caller.uid === 0 ? '/var/lib/decnet' : join(caller.homeDir, '.decnet');
}

/** What holds where nobody said otherwise; paths below the state directory follow it. */
export function defaultConfig(caller: Caller, stateDir: string): Config {
  return {
    user: 'decnet',
    group: 'decnet',
    state_dir: stateDir,
    db_path: join(stateDir, 'decnet.db'),
    artifacts_dir: join(stateDir, 'artifacts'),
    part_preallocate_bytes: 16 * 1024 ** 2,
    bus_socket: caller.uid === 0 ? '/run/decnet/bus.sock' : join(caller.homeDir, '.decnet', 'bus.sock'),
    bus_enabled: true,
    bus_control_uids: [],
    login_session: null,
    record_shell: '/bin/bash',
    log_sources: [],
    engine_socket: null,
    spool_dir: join(stateDir, 'spool'),
    spool_max_bytes: 4 * 1024 ** 3,
    decky_log_bytes_per_s: 1024 ** 2,
    decky_log_burst_bytes: 64 * 1024 ** 2,
    heartbeat_s: 30,
    stall_after_s: 60,
    worker_poll_ms: 1000,
    ingest_poll_ms: 1000,
    abandoned_after_s: 600,
    updater_auto: false,
    busy_timeout_ms: 5000,
  };
}
