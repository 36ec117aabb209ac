import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot, type World } from './support/carillon.js';
import type { Report, Row } from './support/report.js';
import { median, rounded } from './support/statistics.js';

const FIRES = 100;
const CALLS = 40;
const TARGET_MS = { plain: 30, rule: 80, planning: 1 };

/** A frequency near its anchor and far from it. */
interface Kind {
  what: string;
  body: Record<string, unknown>;
  targetMs: number;
}

const near = '2026-12-01T09:30:00Z';
const far = '1975-03-31T09:30:00Z';
const timezone = 'Europe/Lisbon';
const rule = 'RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1';

const kinds: Kind[] = [
  { what: 'cron, weekdays at 09:30', body: { frequency: '30 9 * * MON-FRI' }, targetMs: TARGET_MS.plain },
  { what: 'cron, last day of the month', body: { frequency: '0 0 L * *' }, targetMs: TARGET_MS.plain },
  ...[near, far].flatMap((executionTime): Kind[] => {
    const from = executionTime === near ? 'anchor near' : 'anchor in 1975';
    return [
      { what: `monthly, ${from}`, body: { frequency: 'monthly', executionTime }, targetMs: TARGET_MS.plain },
      {
        what: `every 7 hours, ${from}`,
        body: { frequency: 'every 7 hours', executionTime },
        targetMs: TARGET_MS.plain,
      },
      {
        what: `RRULE, last working day of every second month, ${from}`,
        body: { frequency: rule, executionTime },
        targetMs: TARGET_MS.rule,
      },
      {
        what: `RRULE, every 3 days, ${from}`,
        body: { frequency: 'RRULE:FREQ=DAILY;INTERVAL=3', executionTime },
        targetMs: TARGET_MS.rule,
      },
    ];
  }),
];

/** How long a preview of 100 fires takes, beside the status of a job; and what planning a run's next fire costs it. */
export async function preview(world: World): Promise<Report> {
  const jobId = await world.submit({
    jobType: 'one-time',
    executionTime: new Date(Date.now() + 3_600_000).toISOString(),
  });
  const status = () => world.call('GET', `/api/jobs/${jobId}/status`);
  const statusMs = await medianMs([status], CALLS);
  const rows: Row[] = [];
  for (const { what, body, targetMs } of kinds) {
    // Each call asks from another instant, so that no answer is a kept one.
    const calls = Array.from(
      { length: CALLS },
      (_, n) => () =>
        world.call('POST', '/api/schedules/preview', { ...body, timezone, count: FIRES, after: instant(n) }),
    );
    const ms = await medianMs(calls, 1);
    rows.push({
      what: `${FIRES} fires of ${what}, median of ${CALLS} (ms)`,
      carillon: `${rounded(ms)} (${rounded(ms / statusMs)} × a status read)`,
      target: `≤ ${targetMs}`,
      met: ms <= targetMs,
    });
  }
  rows.push(await refusals(world), ...(await planning()));
  await world.call('DELETE', `/api/jobs/${jobId}`);
  return { rows, notes: [`One call after the other; a read of a job's status took ${rounded(statusMs)} ms.`] };
}

/** What should never fire, or is much to read: the refusal must not take long, whatever is written. */
const hostile: string[] = [
  '0 0 30 2 *',
  '0 0 L-31 2 *',
  '*/1,'.repeat(249),
  `0 0 1-31/1,${'1-31,'.repeat(190)}1 * *`,
  '* '.repeat(499),
  'every 0.5 seconds',
  'RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30',
  'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=3;BYMINUTE=7;BYSECOND=9',
  'RRULE:FREQ=MINUTELY;INTERVAL=7;BYMONTHDAY=31;BYMONTH=4,6,9,11',
  'RRULE:FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6;BYDAY=MO',
  'RRULE:FREQ=DAILY;INTERVAL=10000;BYMONTH=2;BYMONTHDAY=29;BYDAY=MO;BYSETPOS=2',
  'x'.repeat(1_000),
];

async function refusals(world: World): Promise<Row> {
  const took: number[] = [];
  for (const frequency of hostile) {
    const startedAt = performance.now();
    const status = await world.call('POST', '/api/schedules/preview', { frequency }).then(
      () => 200,
      (error: unknown) => Number(String(error).match(/\b\d{3}\b/)?.[0]),
    );
    if (status !== 422) throw new Error(`${frequency.slice(0, 40)} was not refused`);
    took.push(performance.now() - startedAt);
  }
  const most = Math.max(...took);
  return {
    what: `refusing ${hostile.length} frequencies that never fire or make no sense, the slowest (ms)`,
    carillon: rounded(most),
    target: '< 200',
    met: most < 200,
  };
}

const instant = (n: number): string => new Date(Date.UTC(2027, n % 12, 1 + n)).toISOString();

async function medianMs(calls: (() => Promise<unknown>)[], times: number): Promise<number> {
  const took: number[] = [];
  for (let round = 0; round < times; round++) {
    for (const call of calls) {
      const startedAt = performance.now();
      await call();
      took.push(performance.now() - startedAt);
    }
  }
  return median(took);
}

/** What a run does about its schedule: understand it as it is stored, and find the fire after the one that it claims. */
async function planning(): Promise<Row[]> {
  const commands = (await import(pathToFileURL(path.join(projectRoot, 'dist/commands/index.js')).href)) as {
    decideLate(job: unknown, fireAt: number, now: number): unknown;
  };
  const holidays = {
    id: 'holidays',
    name: 'holidays',
    days: { ranges: [], weekdays: ['SA', 'SU'], recurring: [{ month: 12, day: 25 }, { easter: -2 }] },
  };
  return [
    { what: 'cron', frequency: '30 9 * * MON-FRI' },
    { what: 'RRULE', frequency: rule },
    {
      what: 'a list of three, spread, with weekends and holidays excluded',
      frequency: ['daily', 'every 6 hours', '0 0 L * *'],
      calendars: [holidays],
    },
  ].map(({ what, frequency, calendars = [] }) => {
    const fireAt = Date.parse('2027-03-01T09:30:00Z');
    const job = {
      ...{ id: 'a-job', type: 'recurring', executionTime: Date.parse(far), frequency, timezone, calendars },
      ...{
        schedule: { spreadMs: calendars.length > 0 ? 60_000 : 0 },
        maxRuns: null,
        scheduleRunCount: 0,
        overlap: 'skip',
      },
      ...{ catchUp: { policy: 'last', windowMs: 3_600_000 }, catchUpUntil: null, createdAt: 0 },
    };
    const took = Array.from({ length: 300 }, (_, n) => {
      const startedAt = performance.now();
      commands.decideLate(job, fireAt + n * 86_400_000, fireAt + n * 86_400_000);
      return performance.now() - startedAt;
    });
    const ms = median(took);
    return {
      what: `planning the next fire within a run: ${what} (ms)`,
      carillon: ms.toFixed(3),
      target: `≤ ${TARGET_MS.planning}`,
      met: ms <= TARGET_MS.planning,
    };
  });
}
