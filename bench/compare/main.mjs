// bench/run without the set-up: see options.mjs for what it does.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { measureIngest, measureLoad } from './ingest.mjs';
import { freeBytes, load, machine } from './machine.mjs';
import { UsageError, parseOptions, usage } from './options.mjs';
import { loadStatement, questions } from './questions.mjs';
import { report } from './report.mjs';
import { WrongAnswer, measureSearches } from './search.mjs';
import { Sightline } from './sightline.mjs';
import { sampleRecords, telemetry } from './telemetry.mjs';
import { TextTool } from './text_tools.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = process.env.SIGHTLINE_BIN ?? join(root, 'build/bin');
const programs = {
  sightlined: join(bin, 'sightlined'),
  replay: join(bin, 'sightline-replay'),
  dropFromCache: join(bin, 'drop_from_cache'),
};
const kBytesOfDiskAnEvent = 4000;
const kSamples = 500;

const started = performance.now();
function progress(line) {
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stderr.write(`bench: ${seconds.padStart(4)} s  ${line}\n`);
}

// What is taken in: name → {telemetry files, rules}.
async function scenarios(options, folder) {
  const make = (format, events) => {
    progress(`telemetry: ${events} events, ${format}`);
    return telemetry(programs.replay, folder, format, events);
  };
  const rules = join(root, 'rules');
  const cloudtrail = await make('cloudtrail', options.events);
  const searched = { name: 'CloudTrail, with rules', files: [cloudtrail], rules };
  if (options.only === 'search') return { cloudtrail, runs: [searched] };
  const audit = await make('audit', options.events);
  const half = Math.floor(options.events / 2);
  const mixed = [await make('cloudtrail', half), await make('audit', half)];
  return {
    cloudtrail,
    runs: [
      { name: 'CloudTrail, without rules', files: [cloudtrail], rules: null },
      { name: 'audit, without rules', files: [audit], rules: null },
      { name: 'audit, with rules', files: [audit], rules },
      { name: 'mixed, without rules', files: mixed, rules: null },
      { name: 'mixed, with rules', files: mixed, rules },
      searched, // last: its store is searched
    ],
  };
}

async function openDuckDb(options, folder, cloudtrail, figures) {
  if (options.without.has('duckdb')) return [];
  // Only here: the package need not be installed otherwise.
  const { DuckDb } = await import('./duckdb.mjs');
  const file = join(folder, 'events.duckdb');
  rmSync(file, { force: true });
  rmSync(`${file}.wal`, { force: true });
  progress('DuckDB takes in CloudTrail');
  const database = await DuckDb.open(file, options.threads);
  figures.duckdbVersion = database.version;
  figures.ingests['CloudTrail, DuckDB'] = await measureLoad(database, loadStatement(cloudtrail.file), cloudtrail);
  return [database];
}

function openTextTools(options, cloudtrail, figures) {
  const tools = [];
  if (!options.without.has('grep')) tools.push(new TextTool('grep', cloudtrail.file));
  if (!options.without.has('zgrep')) {
    const compressed = `${cloudtrail.file}.gz`;
    if (!existsSync(compressed)) {
      progress('gzip');
      execFileSync('gzip', ['-6', '-k', '-f', cloudtrail.file]);
    }
    figures.compressedBytesAnEvent = statSync(compressed).size / cloudtrail.events;
    tools.push(new TextTool('zgrep', compressed));
  }
  return tools;
}

async function measure(options, folder) {
  const figures = { options, load: [load()], ingests: {} };
  const data = join(folder, 'store');
  const { cloudtrail, runs } = await scenarios(options, folder);
  for (const { name, files, rules } of runs) {
    progress(`taking in ${name}`);
    const connections = options.connections;
    figures.ingests[name] = await measureIngest({ program: programs.sightlined, data, rules, connections, files });
  }
  const duckdb = await openDuckDb(options, folder, cloudtrail, figures);
  if (options.only !== 'ingest') {
    const textTools = openTextTools(options, cloudtrail, figures);
    const ours = await Sightline.open({ program: programs.sightlined, data, rules: join(root, 'rules') });
    figures.searches = await measureSearches({
      engines: [ours, ...duckdb],
      textTools,
      questions: questions(await sampleRecords(cloudtrail, kSamples)),
      runs: options.runs,
      coldRuns: options.coldRuns,
      progress,
      dropFromCache: (path) => execFileSync(programs.dropFromCache, [path]),
    });
    await ours.close();
  }
  for (const database of duckdb) await database.close();
  figures.machine = machine(programs, figures.duckdbVersion);
  figures.load.push(load());
  return figures;
}

async function main() {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    console.log(usage);
    return;
  }
  const kept = options.keep !== undefined;
  const folder = kept ? resolve(options.keep) : mkdtempSync(join(os.tmpdir(), 'sightline-bench-'));
  mkdirSync(folder, { recursive: true });
  if (!kept) process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const needed = options.events * kBytesOfDiskAnEvent;
  if (freeBytes(folder) < needed) throw new Error(`${folder} has not the ${needed / 1e9} GB of room that this takes`);
  const figures = await measure(options, folder);
  const text = report(figures);
  console.log(text);
  if (options.markdown !== undefined) writeFileSync(options.markdown, text);
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(figures, null, 2)}\n`);
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));
try {
  await main();
} catch (error) {
  const usageError = error instanceof UsageError;
  const said = usageError || error instanceof WrongAnswer ? error.message : error.stack;
  console.error(`bench/run: ${said}`);
  process.exit(usageError ? 2 : 1);
}
