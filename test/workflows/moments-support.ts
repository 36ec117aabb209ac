import { expect } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate, type TestHandler } from '../support/handlers.js';
import type { TimeTravel } from '../support/time-travel.js';

export const HOUR = 3_600_000;

export const hourly: Partial<SubmitJob> = { jobType: 'recurring', frequency: 'every 1 hour' };

/** Jobs that are due in an hour, each with a door at which its runs wait. */
export interface JobsWithDoors {
  /** Waits at the door that the job's payload names, if there is one. */
  readonly work: TestHandler;
  given(job?: Partial<SubmitJob>): Promise<{ jobId: string; door: Gate; dueAt: number }>;
  outcomes(jobId: string): Promise<string[]>;
  status(jobId: string): Promise<string>;
  becomes(jobId: string, wanted: string): Promise<void>;
}

/** `time` is asked for when a test runs: the handler has to be there before the scheduler. */
export function jobsWithDoors(time: () => TimeTravel): JobsWithDoors {
  const doors = new Map<string, Gate>();
  const status = async (jobId: string) => (await time().scheduler.job(jobId)).status;
  return {
    work: testHandler('work', async ({ signal }, payload) => {
      const door = doors.get((payload as { door?: string }).door ?? '');
      await door?.wait(signal);
      return payload;
    }),
    async given(job = {}) {
      const dueAt = (await time().now()) + HOUR;
      const door = gate();
      const name = `door-${doors.size}-${dueAt}`;
      doors.set(name, door);
      const jobId = await time().scheduler.submit({
        jobName: 'a job',
        jobType: 'one-time',
        executionTime: new Date(dueAt).toISOString(),
        handler: 'work',
        payload: { door: name },
        ...job,
      });
      return { jobId, door, dueAt };
    },
    outcomes: async (jobId) => (await time().scheduler.ledger(jobId)).map((row) => row.outcome),
    status,
    becomes: (jobId, wanted) => eventually(async () => expect(await status(jobId)).toBe(wanted)),
  };
}
