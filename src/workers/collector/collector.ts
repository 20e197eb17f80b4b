import { topics } from '../../contract/topics.js';
import { defineWorker } from '../define-worker.js';
import { runCollector } from './run-collector.js';
import { createSourceOpener } from './sources/open-sources.js';

/**
 * Takes the log streams of the deckies into the spool (docs/spool.md).
 *
 * - Eats: the streams of `log_sources`, the recorder's spool files among the artifacts, the logs of labelled containers.
 *   Each source has the same share of a round, each decky its own quota over all of its sources.
 * - Makes: batches in the spool; `system.log`, `attacker.session.started` and `.ended` once they are on the disk;
 *   `quarantine/{decky}.log` of what is no log line.
 * - Remembers: in the spool alone, with the lines: how far each source is read, what was not kept of each decky.
 * - Loses on kill -9: of files and containers nothing, they are read again from where the spool says. Of a FIFO or socket what was
 *   read and is not on the disk yet, and while nobody reads, what its writer does not keep. Of junk, what was to be quarantined.
 */
export const collectorWorker = defineWorker({
  name: 'collector',
  needs: ['read access to the sources; for containers, to the socket of the engine'],
  config: [
    'log_sources',
    'artifacts_dir',
    'engine_socket',
    'group',
    'spool_dir',
    'spool_max_bytes',
    'decky_log_bytes_per_s',
    'decky_log_burst_bytes',
    'worker_poll_ms',
  ],
  consumes: [],
  emits: [topics.systemLog, topics.sessionStarted, topics.sessionEnded],
  owns: [],
  run: (context) =>
    runCollector(
      context,
      createSourceOpener({
        engineSocket: context.config.engine_socket,
        group: context.config.group,
        log: context.log,
      }),
    ),
});
