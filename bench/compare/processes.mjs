// What the kernel knows about a process and about files.
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const kTicksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

// CPU seconds of all threads of a process so far, user and system.
export function cpuSeconds(pid) {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / kTicksPerSecond;
}

// The most memory that it had at a time.
export function peakBytes(pid) {
  const found = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found[1]) * 1024;
}

function filesUnder(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return [];
  if (!status.isDirectory()) return status.isFile() ? [{ path, status }] : [];
  return readdirSync(path).flatMap((name) => filesUnder(join(path, name)));
}

// Bytes of the files under a path; one with several names counts once.
export function sizeOf(path) {
  const seen = new Map(filesUnder(path).map(({ status }) => [status.ino, status.size]));
  return [...seen.values()].reduce((sum, size) => sum + size, 0);
}
