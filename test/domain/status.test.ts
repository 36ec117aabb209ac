import { describe, expect, test } from '@jest/globals';
import {
  finalStatuses,
  isFinal,
  jobStatuses,
  movesOf,
  statusAfter,
  transitions,
  type StatusMove,
} from '../../src/domain/status.js';

const asked: StatusMove[] = ['pause', 'resume', 'cancel', 'retry'];
const moves: StatusMove[] = ['begin', 'settle', 'succeed', 'fail', 'miss', 'exhaust', ...asked];

describe('the table of transitions', () => {
  test('nothing leaves a final status but the retry of what failed', () => {
    expect(finalStatuses.toSorted()).toEqual(['cancelled', 'completed', 'failed']);
    const ways = finalStatuses.flatMap((status) => moves.map((move) => [status, move, statusAfter(status, move)]));
    expect(ways.filter(([, , next]) => next !== undefined)).toEqual([['failed', 'retry', 'pending']]);
  });

  test('only what failed is retried: a job that goes on needs no other status for it', () => {
    expect(movesOf('retry')).toEqual({ failed: 'pending' });
  });

  test('every status that is not final can be cancelled', () => {
    for (const status of jobStatuses.filter((one) => !isFinal(one))) {
      expect(statusAfter(status, 'cancel')).toBe('cancelled');
    }
  });

  test('only a paused job resumes', () => {
    expect(movesOf('resume')).toEqual({ paused: 'pending' });
  });

  test('a paused job stays paused when a run begins or ends', () => {
    expect(statusAfter('paused', 'begin')).toBe('paused');
    expect(statusAfter('paused', 'settle')).toBe('paused');
  });

  test('the row of one move is what the table says from each status', () => {
    for (const move of moves) {
      for (const status of jobStatuses) {
        const row: Partial<Record<StatusMove, string>> = transitions[status];
        expect(movesOf(move)[status]).toBe(row[move]);
      }
    }
  });
});
