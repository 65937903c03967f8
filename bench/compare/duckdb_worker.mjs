// DuckDB in a process of its own, so that its CPU and memory can be told from ours. Takes {op, …} from its parent and
// answers {ms, …} or {error}.
import { DuckDBInstance } from '@duckdb/node-api';

let connection;

async function timed(statements) {
  const started = performance.now();
  const results = [];
  for (const statement of statements) results.push(await connection.runAndReadAll(statement));
  return { ms: performance.now() - started, results };
}

function toPage(result) {
  const names = result.columnNames();
  const id = names.indexOf('event_id');
  const time = names.indexOf('event_time');
  return result.getRows().map((row) => ({ id: row[id], ms: Number(row[time].micros / 1000n) }));
}

function toTable(result) {
  return result.getRows().map((row) => row.map((cell) => (typeof cell === 'bigint' ? Number(cell) : cell)));
}

const operations = {
  async open({ file, threads }) {
    const instance = await DuckDBInstance.create(file, { threads: String(threads) });
    connection = await instance.connect();
    const { results } = await timed(['SELECT version()']);
    return { version: results[0].getRows()[0][0] };
  },
  async load({ statement }) {
    const { ms } = await timed([statement, 'CHECKPOINT']);
    return { ms };
  },
  async ask({ kind, statements }) {
    const { ms, results } = await timed(statements);
    return { ms, answer: results.map(kind === 'page' ? toPage : toTable) };
  },
};

process.on('message', async (message) => {
  try {
    process.send(await operations[message.op](message));
  } catch (error) {
    process.send({ error: error.message });
  }
});
process.on('disconnect', () => process.exit(0));
