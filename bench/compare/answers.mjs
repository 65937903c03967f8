// Answers of different engines, brought to one form and compared.
//
// A page is [{id, ms}], a table rows of cells. Engines may order events of the same time differently, so a page that is
// full may end among them with other ids.
import { isDeepStrictEqual } from 'node:util';

export const kPageSize = 100;

function newestFirst(page) {
  return [...page].sort((a, b) => b.ms - a.ms || (a.id < b.id ? -1 : 1));
}

function comparePages(a, b) {
  if (a.length !== b.length) return `${a.length} events and ${b.length}`;
  const [left, right] = [newestFirst(a), newestFirst(b)];
  const oldest = left.at(-1)?.ms;
  const full = left.length >= kPageSize;
  for (let i = 0; i < left.length; ++i) {
    if (left[i].ms !== right[i].ms) return `event ${i + 1} at ${left[i].ms} and at ${right[i].ms}`;
    const tied = full && left[i].ms === oldest;
    if (!tied && left[i].id !== right[i].id) return `event ${i + 1} is ${left[i].id} and ${right[i].id}`;
  }
  return null;
}

function sortedRows(table) {
  return table.map((row) => JSON.stringify(row.map((cell) => (cell === null ? null : String(cell))))).sort();
}

function compareTables(a, b) {
  if (a.length !== b.length) return `${a.length} rows and ${b.length}`;
  const [left, right] = [sortedRows(a), sortedRows(b)];
  const differing = left.findIndex((row, i) => row !== right[i]);
  return differing < 0 ? null : `a row is ${left[differing]} and ${right[differing]}`;
}

// What differs between two answers to a question of that kind ('page' or 'table'); null: nothing. An answer has a page
// or table for each of the question's queries.
export function difference(kind, a, b) {
  if (a.length !== b.length) return `${a.length} answers and ${b.length}`;
  if (isDeepStrictEqual(a, b)) return null;
  const compare = kind === 'page' ? comparePages : compareTables;
  for (let i = 0; i < a.length; ++i) {
    const found = compare(a[i], b[i]);
    if (found !== null) return a.length === 1 ? found : `query ${i + 1}: ${found}`;
  }
  return null;
}
