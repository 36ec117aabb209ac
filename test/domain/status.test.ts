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

const moves: StatusMove[] = ['begin', 'settle', 'succeed', 'fail', 'miss', 'exhaust', 'pause', 'resume', 'cancel'];

describe('the table of transitions', () => {
  test('nothing leaves a final status', () => {
    expect(finalStatuses.toSorted()).toEqual(['cancelled', 'completed', 'failed']);
    for (const status of finalStatuses) for (const move of moves) expect(statusAfter(status, move)).toBeUndefined();
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
