// The telemetry that is measured: files of sightline-replay, the same bytes for the same number of events.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';

const kEndMs = 1_767_225_600_000; // no event is later

const kFormats = {
  cloudtrail: { file: 'cloudtrail', path: () => '/v1/ingest/cloudtrail' },
  audit: { file: 'audit', path: () => '/v1/ingest/auditd?agent_id=bench-1&hostname=bench-1' },
};

// {format, file, ingestPath, events, bytes}. Made once: a file that is whole has its facts beside it.
export async function telemetry(program, folder, format, events) {
  const file = join(folder, `${format}-${events}`);
  const facts = `${file}.json`;
  if (!existsSync(facts)) {
    const args = [`--${format}`, String(events), '--end', String(kEndMs), '--out', `${file}.partial`];
    const made = spawnSync(program, args, { encoding: 'utf8' });
    const said = /(\d+) events/.exec(made.stderr ?? '');
    if (made.status !== 0 || said === null) throw new Error(`sightline-replay: ${made.stderr ?? made.error}`);
    renameSync(`${file}.partial`, file);
    writeFileSync(facts, JSON.stringify({ events: Number(said[1]) }));
  }
  const { events: made } = JSON.parse(readFileSync(facts, 'utf8'));
  return { format, file, ingestPath: kFormats[format].path(), events: made, bytes: (await stat(file)).size };
}

// The ids of the audit events whose records are the lines of `text`.
function auditIds(text) {
  return new Set([...text.matchAll(/ msg=audit\(([^)]*)\)/g)].map((found) => found[1]));
}

// Records of one audit event stand close together, in one batch: the last end of a line in `bytes` that parts none.
function lastAuditCut(bytes) {
  const kNear = 32 * 1024;
  for (let cut = bytes.lastIndexOf(10) + 1; cut > 0; cut = bytes.lastIndexOf(10, cut - 2) + 1) {
    const before = auditIds(bytes.toString('latin1', Math.max(0, cut - kNear), cut));
    const after = auditIds(bytes.toString('latin1', cut, cut + kNear));
    if (after.size > 0 && ![...after].some((id) => before.has(id))) return cut;
  }
  return bytes.length;
}

// A file in batches of at most `size` bytes that part no event. One caller of next() after the other.
export class Batches {
  constructor(telemetry, size) {
    this.telemetry = telemetry;
    this.size = size;
    this.position = 0;
    this.turn = Promise.resolve();
  }

  // Undefined at the end.
  next() {
    this.turn = this.turn.then(() => this.read());
    return this.turn;
  }

  async read() {
    if (this.position >= this.telemetry.bytes) return undefined;
    this.handle ??= await open(this.telemetry.file);
    const buffer = Buffer.allocUnsafe(Math.min(this.size, this.telemetry.bytes - this.position));
    await this.handle.read(buffer, 0, buffer.length, this.position);
    const last = this.position + buffer.length === this.telemetry.bytes;
    const cut = this.telemetry.format === 'audit' ? lastAuditCut(buffer) : buffer.lastIndexOf(10) + 1;
    const batch = last ? buffer : buffer.subarray(0, cut);
    this.position += batch.length;
    if (last) await this.handle.close();
    return batch;
  }
}

// Records from all over a file of CloudTrail records, to ask for what is in them.
export async function sampleRecords(telemetry, count) {
  const handle = await open(telemetry.file);
  const records = [];
  const buffer = Buffer.alloc(64 * 1024);
  for (let i = 0; i < count; ++i) {
    const position = Math.floor((telemetry.bytes / count) * i);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    records.push(...lines.slice(1, -1).map((line) => JSON.parse(line)));
  }
  await handle.close();
  return records;
}
