import assert from 'node:assert/strict';
import { test } from 'node:test';

import { summary } from './figures.mjs';
import { measureSearches } from './search.mjs';

// Answers a table of one count; on run `wrongFrom` and later another one.
function engine(name, wrongFrom = Infinity) {
  return {
    name,
    cpuSeconds: () => 0,
    ask: async (question, i) => ({ ms: 1 + i, answer: [[['all', i >= wrongFrom ? 41 : 42]]] }),
  };
}

const question = { name: 'all', kind: 'table', ours: () => ['| count'], sql: () => [], text: () => 'x' };
const measure = (engines, textTools = [], coldRuns = 0) =>
  measureSearches({ engines, textTools, questions: [question], runs: 4, coldRuns, progress: () => {}, dropFromCache: () => {} });

test('engines that agree are measured', async () => {
  const [{ hot, cold }] = await measure([engine('Sightline'), engine('DuckDB')], [engine('grep')], 2);
  assert.deepEqual(hot.DuckDB, { median: 2.5, min: 1, p95: 4, runs: 4, cpuMs: 0 });
  assert.equal(hot.grep.runs, 4);
  assert.equal(cold.Sightline.runs, 2);
});

test('one that differs is no measurement, hot, cold or of a text tool', async () => {
  const differs = { name: 'WrongAnswer', message: /all: Sightline and .* differ about .*count/ };
  await assert.rejects(measure([engine('Sightline'), engine('DuckDB', 3)]), differs);
  await assert.rejects(measure([engine('Sightline'), engine('DuckDB', 5)], [], 2), differs);
  await assert.rejects(measure([engine('Sightline')], [engine('grep', 0)]), differs);
});

test('summaries', () => {
  assert.deepEqual(summary([3, 1, 2]), { median: 2, min: 1, p95: 3, runs: 3 });
  assert.equal(summary([4]).median, 4);
});
