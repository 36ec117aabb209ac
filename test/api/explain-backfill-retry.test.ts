import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { v7 as uuidv7 } from 'uuid';
import { settleExcludedFires } from '../../src/commands/index.js';
import { explanations } from '../../src/contract/answers.js';
import { endpoints } from '../../src/contract/endpoints.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import type { Fire } from '../../src/domain/job.js';
import { beginAttempt, claimFire, claimWaiting } from '../../src/store/claims.js';
import { frequency, HOUR, iso, placesOf, recurring, withoutAWrite } from './schedules-support.js';
import { OTHER_PROJECT_ID, startTestApi, type TestApi } from './support.js';

const now = Date.now();
/** So many hours from the last full one. */
const hour = (hours: number): number => now - (now % HOUR) + hours * HOUR;

let api: TestApi;
let viewer: string;
let stranger: string;
beforeAll(async () => {
  api = await startTestApi();
  viewer = await api.makeKey('viewer');
  stranger = await api.makeKey('admin', { projectId: OTHER_PROJECT_ID });
});
afterAll(() => api.close());

describe('of a job that was there hours ago', () => {
  /** An hourly job, from five hours ago on; the fire of so many hours is the next. */
  const hourly = async (next: number, fields = {}, act: (jobId: string) => unknown = () => undefined) => {
    const jobId = await api.submit({ ...recurring, ...fields });
    await api.db.query(sql`update jobs set created_at = ${iso(hour(-5))}, settled_until = ${iso(hour(next - 1))},
      next_run_at = ${iso(hour(next))} where id = ${jobId}`);
    await act(jobId);
    return jobId;
  };
  const post = (what: string, body: object) => (jobId: string) =>
    api.call('POST', `/api/jobs/${jobId}/${what}`, { body });
  const put = (body: object) => (jobId: string) => api.call('PUT', `/api/jobs/${jobId}`, { body });
  const fireAt = (hours: number) => ({ fireAt: hour(hours), runAt: hour(hours) });
  const by = { node: 'n', at: now };
  const terms = { concurrency: null, projectLimit: null, after: null };
  const begin = (hours: number, next: Fire | null) => (jobId: string) =>
    claimFire(api.db, { jobId, runId: uuidv7(), terms, scheduleGeneration: 1, fire: fireAt(hours), next }, by);
  const beginByHand = async (jobId: string) => {
    const { runId } = (await post('run', {})(jobId)).json;
    await beginAttempt(api.db, { jobId, runId, attemptsBefore: 0, terms, isAdmitted: false }, by);
  };
  const ran = (hours: number, outcome: string) => (jobId: string) =>
    api.db.query(sql`insert into runs (id, project_id, job_id, trigger, fire_at, scheduled_for, outcome, reason,
        generation, attempts, started_at, finished_at, result, error)
      values (${uuidv7()}, ${DEFAULT_PROJECT_ID}, ${jobId}, 'schedule', ${iso(hour(hours))}, ${iso(hour(hours))},
        ${outcome}, 'The handler failed.', 1, 2, ${iso(hour(hours))}, ${iso(hour(hours) + 20)}, '"canary"',
        '{"code": "x", "message": "canary"}')`);
  const excluding = { exclude: { calendars: ['that-day'] } };
  const settle = async (jobId: string) => {
    await api.db.query(sql`update jobs set settle_at = ${iso(hour(-2))} where id = ${jobId}`);
    await settleExcludedFires({ db: api.db, clock: { now: () => now } });
  };
  const end = (jobId: string) => api.call('DELETE', `/api/jobs/${jobId}`);
  const fill = post('backfill', { from: iso(hour(-1)), to: iso(hour(-1)) });

  const situations: [(typeof explanations)[number], at: number, sentence: RegExp, given: () => Promise<string>][] = [
    ['will_run', 5, /^It is to run at .*T\d\d:00:00\+00:00\.$/, () => hourly(1)],
    ['will_run', 5, /after the pause, which ends at/, () => hourly(1, {}, post('pause', { until: iso(hour(3)) }))],
    ['paused', 5, /paused \(Moving\) until it is resumed/, () => hourly(1, {}, post('pause', { reason: 'Moving' }))],
    ['no_fire', 5.5, /no fire at .*:30:00.*before it is .*, and the next one is/, () => hourly(1)],
    ['before_submission', -6, /no job yet: it was submitted at/, () => hourly(1)],
    ['not_in_force', -3, /\(generation 2\)/, () => hourly(1, { frequency: '0 0 1 1 *' }, put({ frequency }))],
    ['did_not_run', -1, /the job was updated before/, () => hourly(-2, {}, put({ frequency: '9 * * * *' }))],
    ['ended', 5, /The job is cancelled since/, () => hourly(1, {}, end)],
    ['no_more_runs', 5, /the last of its 3 runs/, () => hourly(1, { maxRuns: 3 })],
    ['no_more_runs', 5, /with its only run/, () => hourly(-1, { maxRuns: 1 }, begin(-1, null))],
    ['overdue', 0, /It is due since .* and has not begun\. No scheduler was seen/, () => hourly(0)],
    ['under_way', -1, /It is running: attempt 1 on n\./, () => hourly(-1, {}, begin(-1, fireAt(0)))],
    ['overlapping', 0, /it is skipped.*\(overlap skip\)/, () => hourly(-1, {}, begin(-1, fireAt(0)))],
    ['overlapping', 0, /it runs when that has ended/, () => hourly(0, {}, beginByHand)],
    ['waiting', -1, /^It is to run, and waits\. No scheduler was seen/, () => hourly(1, {}, fill)],
    ['ran', -1, /It ran and completed, after 20 ms and 2 attempts\./, () => hourly(1, {}, ran(-1, 'completed'))],
    ['ran', -1, /ran and failed.*: the handler failed\./, () => hourly(1, {}, ran(-1, 'failed'))],
    ['excluded', -2, /^It did not run: .*"that-day" excludes .*day\)\./, () => hourly(-1, excluding, settle)],
    ['excluded', 166, /^It will not run: .*"that-day" excludes/, () => hourly(1, excluding)],
  ];

  test.each(situations)('explain says %s of the fire in %d hours, with %s', async (code, at, sentence, given) => {
    const weekday = new Date(hour(-2)).toUTCString().slice(0, 2).toUpperCase();
    await api.call('PUT', '/api/calendars/that-day', { body: { weekdays: [weekday] } });
    const jobId = await given();
    const path = `/api/jobs/${jobId}/explain?at=${iso(hour(at))}`;
    const answer = await withoutAWrite(api, () => api.call('GET', path, { key: viewer }));
    const explained = endpoints.explainJob.ok.schema.parse(answer.json);
    expect(explained).toMatchObject({ jobId, at: iso(hour(at)), code, sentence: expect.stringMatching(sentence) });
    expect(explained.fire?.scheduledFor).toBe(code === 'no_fire' ? undefined : iso(hour(at)));
    // What jobs work with is for those who may read payloads.
    expect(answer.text).not.toContain('canary');
    expect((await api.call('GET', path)).text.includes('canary')).toBe(code === 'ran');
    expect((await api.call('GET', path, { key: stranger })).status).toBe(404);
  });

  test('explain has each of its codes above, and refuses what is no instant', async () => {
    expect(new Set(situations.map(([code]) => code))).toEqual(new Set(explanations));
    const path = `/api/jobs/${await hourly(1)}/explain`;
    for (const query of ['?at=', '?at=soon']) expect(placesOf(await api.call('GET', path + query))).toEqual(['at']);
  });

  const explain = async (jobId: string, at?: string) => {
    const path = `/api/jobs/${jobId}/explain${at === undefined ? '' : `?at=${at}`}`;
    return endpoints.explainJob.ok.schema.parse((await api.call('GET', path)).json);
  };

  test.each<[string, object, () => Promise<string>]>([
    ['the next fire', { code: 'will_run', at: iso(hour(1)) }, () => hourly(1)],
    ['the fire that is due', { code: 'overdue', at: iso(hour(0)) }, () => hourly(0)],
    ['that it is paused', { code: 'paused', at: iso(hour(1)) }, () => hourly(1, {}, post('pause', {}))],
    [
      'how the job and its last run ended, once nothing is to come',
      {
        ...{ code: 'ended', at: iso(hour(-1)), run: { outcome: 'failed' } },
        sentence: expect.stringMatching(/^The job is cancelled since .* The last run, of .*: it ran and failed/),
      },
      () => hourly(1, {}, async (jobId) => [await ran(-1, 'failed')(jobId), await end(jobId)]),
    ],
    [
      'that the job ended, where it never ran',
      { code: 'ended', sentence: expect.stringMatching(/any more\.$/) },
      () => hourly(1, {}, end),
    ],
    [
      'the run of a one-time job that waits',
      { code: 'waiting', run: { outcome: 'waiting' }, waiting: { code: 'no_scheduler' } },
      () => claimedOnce(),
    ],
  ])('explain without an instant tells %s', async (_what, expected, given) => {
    expect(await explain(await given())).toMatchObject(expected);
  });

  /** A one-time job whose run was claimed and waits. */
  const claimedOnce = async () => {
    const jobId = await api.submit({ executionTime: 'now' });
    const { executionTime } = (await api.call('GET', `/api/jobs/${jobId}`)).json;
    const fire = { fireAt: Date.parse(executionTime), runAt: Date.parse(executionTime) };
    const claim = { jobId, runId: uuidv7(), terms, scheduleGeneration: 1, fire, next: null };
    expect(await claimWaiting(api.db, claim, { isParallel: false }, now)).toBe(true);
    return jobId;
  };

  test('explain finds a run that somebody asked for at its instant and in its minute, and its retry through it', async () => {
    const jobId = await hourly(1);
    const { runId } = (await post('run', {})(jobId)).json;
    const instant = iso(hour(-3) + 12 * 60_000 + 34_567);
    await api.db.query(
      sql`update runs set scheduled_for = ${instant}, outcome = 'failed', attempts = 1 where id = ${runId}`,
    );
    for (const at of [instant, iso(hour(-3) + 12 * 60_000)]) {
      expect(await explain(jobId, at)).toMatchObject({ code: 'ran', run: { runId, trigger: 'manual' } });
    }
    const retry = (await post(`runs/${runId}/retry`, {})(jobId)).json.runId;
    const explained = await explain(jobId, instant);
    expect(explained).toMatchObject({ run: { runId }, sentence: expect.stringContaining(retry) });
    expect(await explain(jobId, iso(hour(-3) + 13 * 60_000))).toMatchObject({ code: 'no_fire' });
  });

  describe('the job and its status', () => {
    const told = async (jobId: string) => {
      const [job, status] = await Promise.all(
        ['', '/status'].map(async (part) => (await api.call('GET', `/api/jobs/${jobId}${part}`)).json),
      );
      expect(endpoints.getJob.ok.schema.parse(job).waiting).toEqual(
        endpoints.getJobStatus.ok.schema.parse(status).waiting,
      );
      return endpoints.getJobStatus.ok.schema.parse(status).waiting;
    };

    test('say of a fire that is due why it has not begun, as explain does', async () => {
      const jobId = await hourly(0);
      const waiting = await told(jobId);
      expect(waiting).toMatchObject({ code: 'no_scheduler' });
      expect((await explain(jobId)).waiting).toEqual(waiting);
    });

    test('name the run under way that is in its way', async () => {
      const jobId = await hourly(-1, {}, begin(-1, fireAt(0)));
      const [run] = (await api.call('GET', `/api/jobs/${jobId}/runs`)).list;
      const waiting = await told(jobId);
      expect(waiting).toMatchObject({ code: 'behind', heldBy: [run?.runId] });
      expect(await explain(jobId)).toMatchObject({ code: 'overlapping', sentence: waiting?.sentence, waiting });
    });

    test('say of a one-time job why its run waits that was claimed', async () => {
      expect(await told(await claimedOnce())).toMatchObject({ code: 'no_scheduler' });
    });

    test.each<[string, () => Promise<string>]>([
      ['is to come', () => hourly(1)],
      ['is held back by a pause', () => hourly(0, {}, post('pause', {}))],
      ['has ended', () => hourly(0, {}, end)],
    ])('say nothing where what there is %s', async (_what, given) => {
      expect(await told(await given())).toBeUndefined();
    });
  });

  test('a backfill runs what has not run, and only counts with dryRun', async () => {
    const jobId = await hourly(1, {}, ran(-3, 'completed'));
    const stretch = { from: iso(hour(-4)), to: iso(hour(0)) };
    const dry = await withoutAWrite(api, () => post('backfill', { ...stretch, dryRun: true })(jobId));
    expect([dry.status, dry.json]).toEqual([202, { jobId, count: 4, alreadyRan: 1, dryRun: true }]);
    expect((await post('backfill', stretch)(jobId)).json).toMatchObject({ count: 4, alreadyRan: 1, dryRun: false });
    const { list } = await api.call('GET', `/api/jobs/${jobId}/runs?outcome=waiting`);
    expect(list.map(({ scheduledFor }) => scheduledFor)).toEqual([0, -1, -2, -4].map((hours) => iso(hour(hours))));
    for (const part of [{ to: iso(hour(-5)) }, { to: iso(hour(2)) }, { from: '2020-01-01T00:00:00Z' }]) {
      expect(placesOf(await post('backfill', { ...stretch, ...part })(jobId))).toEqual(['/to']);
    }
    expect(placesOf(await post('backfill', { ...stretch, overlap: 'skip' })(jobId))).toEqual(['/overlap']);
    expect((await post('backfill', stretch)(await api.submit())).status).toBe(409);
  });

  test('a retry is a run of its own, of a run that has ended', async () => {
    const jobId = await hourly(1, {}, ran(-1, 'failed'));
    const [failed] = (await api.call('GET', `/api/jobs/${jobId}/runs`)).list;
    const retry = (runId = uuidv7()) => api.call('POST', `/api/jobs/${jobId}/runs/${runId}/retry`);
    const answer = await retry(failed?.runId);
    expect([answer.status, answer.json]).toMatchObject([202, { jobId, status: 'triggered' }]);
    const run = { trigger: 'retry', retryOf: failed?.runId, outcome: 'waiting', scheduledFor: failed?.scheduledFor };
    expect((await api.call('GET', answer.headers.location ?? '')).json).toMatchObject(run);
    expect([(await retry(answer.json.runId)).status, (await retry()).status]).toEqual([409, 404]);
  });
});
