import { expect } from '@jest/globals';
import type { Problem } from '../../src/domain/errors.js';
import { contentsOf, type Answer, type TestApi } from './support.js';

export const HOUR = 3_600_000;
export const frequency = '0 * * * *';
/** What makes a submitted job one of every full hour. */
export const recurring = { jobType: 'recurring', executionTime: undefined, frequency };
export const iso = (instant: number): string => new Date(instant).toISOString();

/** What is wrong with a request that must be 422, as its places. */
export function placesOf({ status, json }: Answer): (string | number | undefined)[] {
  expect([status, json.code]).toEqual([422, 'validation_failed']);
  return (json.errors as Problem[]).map(({ pointer, parameter, line }) => pointer ?? parameter ?? line);
}

/** Does something that must not write anything. */
export async function withoutAWrite(api: TestApi, act: () => Promise<Answer>): Promise<Answer> {
  const before = [await contentsOf(api.db), api.commits()];
  const answer = await act();
  expect([await contentsOf(api.db), api.commits()]).toEqual(before);
  return answer;
}
