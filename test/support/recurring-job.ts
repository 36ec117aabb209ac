import { expect } from '@jest/globals';
import type { SubmitJob } from '../../src/contract/messages.js';
import { eventually } from './eventually.js';
import type { TestHandler } from './handlers.js';
import type { LedgerRow, Scheduler } from './scheduler.js';
import type { TimeTravel } from './time-travel.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A recurring job under test, with its ledger in short words. Its hours are counted from its first fire. */
export interface RecurringJob {
  /** The hours of the runs that a handler was called for, in the order of the calls. */
  ranBy(handler: TestHandler): number[];
  readonly jobId: string;
  readonly firstFire: number;
  /** The rows of the ledger as `hour outcome`, oldest first; runs beside the schedule also name what asked for them. */
  ledger(): Promise<string[]>;
  rows(): Promise<LedgerRow[]>;
  status(): Promise<string>;
  becomes(status: string): Promise<void>;
  /** Resolves when the ledger is as `expected`. */
  ledgerBecomes(expected: string[]): Promise<void>;
  /** Cancels it once nothing of it is under way: the time-skipping server can't cancel what a worker has taken. */
  end(): Promise<void>;
  /** The instant of an hour of its ledger, as RFC 3339. */
  hour(count: number): string;
}

/** Submits a job of every full hour. */
export async function hourlyJob(time: TimeTravel, given: Partial<SubmitJob> = {}): Promise<RecurringJob> {
  const firstFire = await nextHour(time);
  const jobId = await time.scheduler.submit({
    jobName: 'hourly',
    jobType: 'recurring',
    frequency: '0 * * * *',
    handler: 'work',
    ...given,
  });
  return watched(time.scheduler, jobId, firstFire);
}

/** The full hour after now, in epoch milliseconds. */
export async function nextHour(time: TimeTravel): Promise<number> {
  return (Math.floor((await time.now()) / HOUR) + 1) * HOUR;
}

export function watched(scheduler: Scheduler, jobId: string, firstFire: number, unit = HOUR): RecurringJob {
  const hourOf = (at: string) => (Date.parse(at) - firstFire) / unit + 1;
  const nameOf = ({ at, outcome, trigger, count }: LedgerRow) =>
    [
      `${hourOf(at)} ${outcome}`,
      ...(trigger === 'schedule' ? [] : [`by ${trigger}`]),
      ...(count === 1 ? [] : [`x${count}`]),
    ].join(' ');
  const job: RecurringJob = {
    ranBy: ({ calls }) => calls.filter((call) => call.jobId === jobId).map((call) => hourOf(call.scheduledFor)),
    jobId,
    firstFire,
    rows: () => scheduler.ledger(jobId),
    async end() {
      await scheduler.pause(jobId);
      await eventually(async () => expect((await scheduler.job(jobId)).runningRuns).toBe(0));
      await scheduler.cancel(jobId);
    },
    ledger: async () => (await scheduler.ledger(jobId)).map(nameOf),
    hour: (count) => new Date(firstFire + (count - 1) * unit).toISOString(),
    status: async () => (await scheduler.job(jobId)).status,
    becomes: (status) => eventually(async () => expect(await job.status()).toBe(status)),
    ledgerBecomes: (expected) => eventually(async () => expect(await job.ledger()).toEqual(expected)),
  };
  return job;
}
