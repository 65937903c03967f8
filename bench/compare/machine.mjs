// What the figures were measured on.
import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import os from 'node:os';

function firstLine(program, ...args) {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0].trim();
  } catch {
    return 'unknown';
  }
}

// Lines of text.
export function machine(programs, duckdbVersion) {
  const gib = (bytes) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const cpus = os.cpus();
  const lines = [
    `${cpus.length} × ${cpus[0].model}, ${gib(os.totalmem())} of memory, Linux ${os.release()}`,
    `${firstLine(programs.sightlined, '--version')} at commit ${firstLine('git', 'rev-parse', '--short', 'HEAD')}`,
    `Node ${process.version}, ${firstLine('grep', '--version')}, ${firstLine('gzip', '--version')}`,
  ];
  if (duckdbVersion !== undefined) lines.splice(2, 0, `DuckDB ${duckdbVersion}`);
  return lines;
}

export function load() {
  return os.loadavg().map((average) => average.toFixed(1)).join(' ');
}

export function freeBytes(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
