// Taking in: telemetry over HTTP to a fresh server, from several connections at once.
import { rmSync } from 'node:fs';

import { Server } from './server.mjs';
import { Batches } from './telemetry.mjs';

// As `sightline ingest` sends it to a server on the same machine: 16 MiB at a time, not compressed.
const kBatchBytes = 16 * 1024 * 1024;

async function send(server, batches, sender) {
  let accepted = 0;
  for (let number = 1; ; ++number) {
    const batch = await batches.next();
    if (batch === undefined) return accepted;
    const answer = await server.ingest(batches.telemetry.ingestPath, `bench-${sender}/1/${number}`, batch);
    if (answer.rejected_count !== 0) throw new Error(`the server rejected ${answer.rejected_count} events`);
    accepted += answer.accepted;
  }
}

function check(accepted, stored, sent) {
  if (accepted !== sent || stored !== sent) {
    throw new Error(`${sent} events were sent, ${accepted} accepted and ${stored} stored`);
  }
}

// Takes these telemetry files in, at the same time, into a new data directory. Leaves the directory, not the server.
export async function measureIngest({ program, data, rules, connections, files }) {
  rmSync(data, { recursive: true, force: true });
  const server = await Server.start({ program, data, rules, connections });
  try {
    const batches = files.map((file) => new Batches(file, kBatchBytes));
    const events = files.reduce((sum, file) => sum + file.events, 0);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const cpuBefore = server.cpuSeconds();
    const started = performance.now();
    const senders = Array.from({ length: connections }, (_, i) => send(server, batches[i % batches.length], i));
    const accepted = (await Promise.all(senders)).reduce((sum, count) => sum + count, 0);
    const wallSeconds = (performance.now() - started) / 1000;
    const cpuSeconds = server.cpuSeconds() - cpuBefore;
    await server.settle();
    const statistics = await server.statistics();
    check(accepted, statistics.events, events);
    return {
      events,
      bytes,
      wallSeconds,
      cpuSeconds,
      settledCpuSeconds: server.cpuSeconds() - cpuBefore,
      peakBytes: server.peakBytes(),
      storeBytes: statistics.bytes_on_disk,
      directoryBytes: server.bytesOnDisk(),
      alerts: statistics.alerts.open,
    };
  } finally {
    await server.stop();
  }
}

// The same records into DuckDB, by its own bulk load.
export async function measureLoad(database, statement, telemetry) {
  const cpuBefore = database.cpuSeconds();
  const { ms } = await database.load(statement);
  return {
    events: telemetry.events,
    bytes: telemetry.bytes,
    wallSeconds: ms / 1000,
    cpuSeconds: database.cpuSeconds() - cpuBefore,
    peakBytes: database.peakBytes(),
    storeBytes: database.bytesOnDisk(),
  };
}
