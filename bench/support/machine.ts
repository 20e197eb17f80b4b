import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, loadavg, release } from 'node:os';

export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** The CPU has SHA instructions that the recorder uses. */
  readonly sha: boolean;
  readonly fileSystem: string;
  /** Of the last minute, before the bench began: how much else the machine had to do. */
  readonly load: number;
}

export function readMachine(directory: string): Machine {
  const cpuinfo = readFileSync('/proc/cpuinfo', 'utf8');
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: /^(?:model name|CPU part)\s*:\s*(.*)$/m.exec(cpuinfo)?.[1] ?? process.arch,
    cores: availableParallelism(),
    kernel: release(),
    sha: process.arch === 'x64' && /^flags\s*:.*\bsha_ni\b/m.test(cpuinfo),
    fileSystem: execFileSync('stat', ['-f', '-c', '%T', directory], { encoding: 'utf8' }).trim(),
    load: loadavg()[0] ?? 0,
  };
}

export function describeMachine(machine: Machine, compiler: string): string {
  const { date, cpu, cores, kernel, sha, fileSystem, load } = machine;
  const instructions = sha ? 'with SHA instructions' : 'without SHA instructions';
  return `${date} · ${cores} x ${cpu}, ${instructions} · Linux ${kernel} · ${fileSystem} · ${compiler} · load ${load.toFixed(1)} at the start`;
}
