import assert from 'node:assert/strict';
import { test } from 'node:test';

import { difference, kPageSize } from './answers.mjs';

const event = (id, ms) => ({ id, ms });
// The last two events are of one time.
const full = (last) =>
  Array.from({ length: kPageSize }, (_, i) => (i < 98 ? event(`e${i}`, 2000 - i) : event(`${last}${i}`, 7)));

test('pages are equal in any order of one time', () => {
  assert.equal(difference('page', [[event('a', 2), event('b', 2)]], [[event('b', 2), event('a', 2)]]), null);
});

test('a page lacks an event, or has another', () => {
  assert.match(difference('page', [[event('a', 2)]], [[]]), /1 events and 0/);
  assert.match(difference('page', [[event('a', 2)]], [[event('b', 2)]]), /a and b/);
  assert.match(difference('page', [[event('a', 2)]], [[event('a', 3)]]), /at 2 and at 3/);
});

test('full pages may end with other events of the last time, and of no other', () => {
  assert.equal(difference('page', [full('x')], [full('y')]), null);
  const other = full('x');
  other[97] = event('other', other[97].ms);
  assert.match(difference('page', [full('x')], [other]), /e97 and other/);
});

test('tables are equal in any order, cell by cell', () => {
  assert.equal(difference('table', [[['a', 1], [null, 2]]], [[[null, 2], ['a', '1']]]), null);
  assert.match(difference('table', [[['a', 1]]], [[['a', 2]]]), /a row is/);
  assert.match(difference('table', [[[null, 1]]], [[['null', 1]]]), /a row is/);
  assert.match(difference('table', [[['a', 1]]], [[]]), /1 rows and 0/);
});

test('each query of a question counts', () => {
  assert.match(difference('table', [[['a', 1]], [['b', 1]]], [[['a', 1]], [['c', 1]]]), /query 2/);
  assert.match(difference('table', [[]], [[], []]), /1 answers and 2/);
});
