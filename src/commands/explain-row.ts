import { lowerFirst } from '../schedule/index.js';
import type { RunRecord } from '../store/run-reads.js';
import type { Explanation } from './explain.js';

/** One sentence about what the ledger tells of a fire. */
export function explainRow(run: RunRecord): Pick<Explanation, 'code' | 'sentence'> {
  switch (run.outcome) {
    case 'completed':
      return { code: 'ran', sentence: `It ran and completed${tookOf(run)}.` };
    case 'failed':
    case 'timed_out':
      return {
        code: 'ran',
        sentence: `It ran and ${run.outcome === 'failed' ? 'failed' : 'timed out'}${tookOf(run)}: ${reasonOf(run)}`,
      };
    case 'cancelled':
      return run.attempts > 0
        ? { code: 'ran', sentence: `It began and was cancelled${tookOf(run)}: ${reasonOf(run)}` }
        : { code: 'did_not_run', sentence: `It did not run: ${reasonOf(run)}` };
    case 'running':
      if (run.error !== null) {
        const sentence = `Attempt ${run.attempts} failed (${run.error.code}), and another one follows.`;
        return { code: 'under_way', sentence };
      }
      return {
        code: 'under_way',
        sentence: `It is running: attempt ${run.attempts}${run.node === null ? '' : ` on ${run.node}`}.`,
      };
    case 'waiting':
      return { code: 'waiting', sentence: 'It is to run, and waits.' };
    case 'skipped_excluded':
      return { code: 'excluded', sentence: `It did not run: ${reasonOf(run)}` };
    case 'skipped_overlap':
    case 'skipped_paused':
    case 'skipped_condition':
    case 'missed':
      return { code: 'did_not_run', sentence: `It did not run: ${reasonOf(run)}` };
  }
}

function tookOf({ startedAt, finishedAt, attempts }: RunRecord): string {
  if (startedAt === null || finishedAt === null) return '';
  const tries = attempts === 1 ? '' : ` and ${attempts} attempts`;
  return `, after ${Math.round(finishedAt - startedAt)} ms${tries}`;
}

function reasonOf({ reason }: RunRecord): string {
  return reason === null ? 'no reason is known.' : lowerFirst(reason);
}
