import { describe, expect, test } from '@jest/globals';
import { MAX_RESULT_DEPTH, resultThatFits } from '../../src/handlers/shared/result.js';

/** Lists in lists. */
function nested(depth: number): unknown {
  let value: unknown = 'within';
  for (let level = 0; level < depth; level += 1) value = [value];
  return value;
}

describe('a result that is nested', () => {
  test(`${MAX_RESULT_DEPTH} levels deep is kept`, () => {
    expect(JSON.stringify(resultThatFits(nested(MAX_RESULT_DEPTH)))).toContain('within');
  });

  test.each([MAX_RESULT_DEPTH + 1, 5_000, 50_000])('%d levels deep is left out, with the reason', (depth) => {
    const reason = 'The result was nested deeper than 1000 levels.';
    expect(resultThatFits(nested(depth))).toEqual({ truncated: true, reason });
  });
});

test('a result that is not JSON is left out, with the reason', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const notJson = { truncated: true, reason: 'The handler answered with something that is not JSON.' };
  expect([circle, 1n].map(resultThatFits)).toEqual([notJson, notJson]);
});
