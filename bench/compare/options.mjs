// The command line of bench/run.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';

export const usage = `bench/run: measures Sightline beside DuckDB, grep and zgrep on the same data, on this machine.

  bench/run                      1,000,000 events, taking in and searching
  bench/run --events 10000000    the same with ten million (about 40 GB of disk)
  bench/run --only search        takes in once, then searches

  --events N        events to make, take in and search (1000000)
  --only PART       ingest or search
  --runs N          searches of each kind while everything is in memory (15)
  --cold-runs N     searches of each kind after a restart, with the files out of the page cache (3; 0: none)
  --connections N   clients that send at the same time (4)
  --threads N       threads of DuckDB (those of the machine, which Sightline takes too)
  --without TOOL    duckdb, grep or zgrep; may be given several times
  --keep DIR        work there and leave everything; telemetry that is there already is taken, stores are new
  --json FILE       every figure as JSON
  --markdown FILE   the report as Markdown

Where two of them give different answers it says so and exits with 1: a wrong answer has no speed.`;

export class UsageError extends Error {}

const kinds = {
  events: { type: 'string', default: '1000000' },
  only: { type: 'string' },
  runs: { type: 'string', default: '15' },
  'cold-runs': { type: 'string', default: '3' },
  connections: { type: 'string', default: '4' },
  threads: { type: 'string', default: String(availableParallelism()) },
  without: { type: 'string', multiple: true, default: [] },
  keep: { type: 'string' },
  json: { type: 'string' },
  markdown: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
};

function count(values, name, least, most) {
  const text = values[name];
  const number = Number(text);
  if (!/^\d+$/.test(text) || number < least || number > most) {
    throw new UsageError(`--${name} ${text}: expected a number from ${least} to ${most}`);
  }
  return number;
}

function oneOf(name, value, allowed) {
  if (value !== undefined && !allowed.includes(value)) {
    throw new UsageError(`--${name} ${value}: expected ${allowed.join(' or ')}`);
  }
  return value;
}

// Throws UsageError.
export function parseOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: kinds, strict: true }));
  } catch (error) {
    throw new UsageError(error.message);
  }
  for (const tool of values.without) oneOf('without', tool, ['duckdb', 'grep', 'zgrep']);
  return {
    help: values.help ?? false,
    events: count(values, 'events', 1000, 100_000_000),
    only: oneOf('only', values.only, ['ingest', 'search']),
    runs: count(values, 'runs', 1, 1000),
    coldRuns: count(values, 'cold-runs', 0, 100),
    connections: count(values, 'connections', 1, 64),
    threads: count(values, 'threads', 1, 1024),
    without: new Set(values.without),
    keep: values.keep,
    json: values.json,
    markdown: values.markdown,
  };
}
