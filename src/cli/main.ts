#!/usr/bin/env node
import { run } from './run.js';
import { processIo } from './process-io.js';

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`decnet: the output could not be written: ${error.message} (E_OUTPUT)\n`);
  process.exit(1);
});

process.exitCode = await run(process.argv.slice(2), processIo());
