import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pino from 'pino';
import { beginRun } from '../../src/activities/begin-run.js';
import { createHandlerSlots } from '../../src/activities/handler-slots.js';
import { previewSchedule, previewUpdate, submitJob, triggerJob, updateJob } from '../../src/commands/index.js';
import { readRun } from '../../src/store/run-view.js';
import { commandsBench, type CommandsBench } from '../support/commands-bench.js';
import { testVault } from '../support/encryption.js';
import { oneInTheOther } from '../support/held-transaction.js';

/** What happens while the change of a calendar is under way, and has not committed. Jobs fire at noon. */

let bench: CommandsBench;
beforeAll(async () => {
  bench = await commandsBench();
});
afterAll(() => bench?.close());

const noonOf = (date: string) => Date.parse(`${date}T12:00:00Z`);
let names = 0;
/** A calendar of a day long past. */
async function newCalendar(): Promise<string> {
  const name = `calendar-${++names}`;
  await bench.putDates(name, ['2020-01-01']);
  return name;
}
const changing = <T>(name: string, dates: string[], second: () => Promise<T>) =>
  oneInTheOther(bench.db, (db) => bench.putDates(name, dates, db), second);
const daysOf = async (jobId: string) => (await bench.job(jobId)).calendars.map(({ name, days }) => ({ name, days }));
const days = (...dates: string[]) =>
  expect.objectContaining({ ranges: dates.map((date) => expect.objectContaining({ from: date, to: date })) });

describe('two calendars of a job that are changed at once', () => {
  test('are both kept, and its next fire goes by both', async () => {
    const [a, b] = [await newCalendar(), await newCalendar()];
    const jobId = await bench.submit({ exclude: { calendars: [a, b] } });
    expect((await bench.job(jobId)).next?.fireAt).toBe(noonOf('2027-01-01'));
    const { waited } = await changing(a, ['2027-01-01'], () => bench.putDates(b, ['2027-01-02']));
    expect(waited).toBe(true);
    expect(await daysOf(jobId)).toEqual([
      { name: a, days: days('2027-01-01') },
      { name: b, days: days('2027-01-02') },
    ]);
    expect(await bench.job(jobId)).toMatchObject({ generation: 3, next: { fireAt: noonOf('2027-01-03') } });
  });
});

describe('an attempt that begins', () => {
  const ports = () => ({
    db: bench.db,
    vault: testVault,
    clock: { now: () => bench.now, waitUntil: () => Promise.resolve() },
    handlers: new Map(),
    slots: createHandlerSlots(1),
    logQuota: { take: async (_projectId: string, bytes: number) => bytes },
    stopWatch: { watch: () => ({ signal: new AbortController().signal, forget: () => undefined }) },
    onCommitted: () => undefined,
    draining: new AbortController().signal,
    node: 'node',
    observer: { held: () => () => {}, began() {}, attemptEnded() {}, finished() {} },
    logger: pino({ level: 'silent' }),
  });

  test.each(['first', 'second'] as const)('knows the new calendar: the %s of a run by hand', async (which) => {
    const name = await newCalendar();
    const jobId = await bench.submit({ exclude: { calendars: [name] } });
    const { runId } = await triggerJob(bench.ports, bench.caller, jobId, {});
    const begin = async () => {
      const view = await readRun(bench.db, jobId, { runId });
      if (!view) throw new Error(`no job ${jobId}`);
      const begun = await beginRun(ports(), { jobId, generation: 1, runId }, view);
      if ('wish' in begun) throw new Error('it did not begin');
      return begun;
    };
    if (which === 'second') await begin();
    const { waited, second } = await changing(name, ['2027-01-01'], begin);
    expect([waited, second.attempt]).toEqual([true, which === 'first' ? 1 : 2]);
    expect(second.job.calendars).toEqual([{ id: expect.any(String), name, days: days('2027-01-01') }]);
  });
});

describe('while a calendar is changed', () => {
  const daily = { jobName: 'daily', jobType: 'recurring', frequency: '0 12 * * *' } as const;
  const excluding = (name: string) => ({ exclude: { calendars: [name] } });

  test('a submission that names it waits, is accepted, and goes by the new one', async () => {
    const name = await newCalendar();
    const { second, waited } = await changing(name, ['2027-01-01'], () =>
      submitJob(bench.ports, bench.caller, { ...daily, ...excluding(name) }),
    );
    expect(waited).toBe(true);
    expect(await bench.job(second.jobId)).toMatchObject({ next: { fireAt: noonOf('2027-01-02') } });
    expect(await daysOf(second.jobId)).toEqual([{ name, days: days('2027-01-01') }]);
  });

  test('so does an update', async () => {
    const [name, jobId] = [await newCalendar(), await bench.submit()];
    const { waited } = await changing(name, ['2027-01-01'], () =>
      updateJob(bench.ports, bench.caller, jobId, excluding(name)),
    );
    expect(waited).toBe(true);
    expect((await bench.job(jobId)).next?.fireAt).toBe(noonOf('2027-01-02'));
  });

  test('another change of it waits and takes its place', async () => {
    const name = await newCalendar();
    const jobId = await bench.submit({ exclude: { calendars: [name] } });
    const both = await changing(name, ['2027-01-01'], () => bench.putDates(name, ['2027-01-02']));
    const updated = { status: 'updated', jobs: 1 };
    expect(both).toEqual({ first: updated, second: updated, waited: true });
    expect(await daysOf(jobId)).toEqual([{ name, days: days('2027-01-02') }]);
  });

  test('previews do not wait, and show it as it was', async () => {
    const name = await newCalendar();
    const jobId = await bench.submit();
    const { jobType, frequency } = daily;
    const { second, waited } = await changing(name, ['2027-01-01'], async () => [
      (await previewSchedule(bench.ports, bench.caller, { jobType, frequency, count: 1, ...excluding(name) })).fires,
      (await previewUpdate(bench.ports, bench.caller, jobId, excluding(name))).disappear,
    ]);
    expect(waited).toBe(false);
    expect(second).toEqual([[expect.objectContaining({ fireAt: noonOf('2027-01-01'), isExcluded: false })], []]);
  });
});
