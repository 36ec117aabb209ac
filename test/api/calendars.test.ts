import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endpoints } from '../../src/contract/endpoints.js';
import { contentsOf, OTHER_PROJECT_ID, startTestApi, type Answer, type TestApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startTestApi();
});
afterAll(() => api.close());

const DAY = 86_400_000;
const SUNDAYS = { weekdays: ['SU'] };
const create = (body: object) => api.call('POST', '/api/calendars', { body });
const put = (name: string, body: unknown) => api.call('PUT', `/api/calendars/${name}`, { body });
const get = async (name: string) => {
  const { json } = await api.call('GET', `/api/calendars/${name}`);
  return endpoints.getCalendar.ok.schema.parse(json);
};
const remove = (name: string) => api.call('DELETE', `/api/calendars/${name}`);
const submit = (exclude: object | undefined, fields = {}) =>
  api.submit({ jobType: 'recurring', executionTime: undefined, frequency: '0 9 * * *', exclude, ...fields });
const getJob = async (jobId: string) =>
  endpoints.getJob.ok.schema.parse((await api.call('GET', `/api/jobs/${jobId}`)).json);
/** The day in so many days, as UTC has it. */
const dayIn = (days: number): string => new Date(Date.now() + days * DAY).toISOString().slice(0, 10);

/** What is wrong with a request that must be 422, as its places. */
function placesOf({ status, json }: Answer): (string | undefined)[] {
  expect([status, json.code]).toEqual([422, 'validation_failed']);
  return json.errors.map(({ pointer, parameter }) => pointer ?? parameter);
}

describe('a calendar', () => {
  const days = {
    dates: ['2026-12-25', { date: '2026-12-26', name: 'Boxing Day' }, { from: '2026-12-28', to: '2026-12-31' }],
    weekdays: ['SU'],
    recurring: [{ month: 1, day: 1, name: 'New Year' }, { easter: -2 }, { month: 11, weekday: 'TH', nth: 4 }],
  };

  test('is made, and shown as it was written', async () => {
    const answer = await create({ name: 'made', ...days });
    expect([answer.status, answer.headers.location]).toEqual([201, '/api/calendars/made']);
    expect(answer.json).toEqual({ name: 'made', status: 'created', jobs: 0 });
    const updated = { lastUpdated: expect.any(String), updatedBy: expect.any(String) };
    expect(await get('made')).toEqual({ name: 'made', ...days, jobs: 0, ...updated });
    const list = (await api.call('GET', '/api/calendars')).list as unknown as { name: string }[];
    expect(list.map(({ name }) => name)).toContain('made');
  });

  test('is made once by POST, and by PUT made or replaced as a whole', async () => {
    expect((await create({ name: 'twice', ...days })).status).toBe(201);
    expect((await create({ name: 'twice', ...SUNDAYS })).status).toBe(409);
    expect([(await put('twice', SUNDAYS)).json, (await put('new', SUNDAYS)).json]).toEqual([
      { name: 'twice', status: 'updated', jobs: 0 },
      { name: 'new', status: 'created', jobs: 0 },
    ]);
    expect(await get('twice')).not.toHaveProperty('dates');
  });

  test('that is deleted is gone, and its name is free', async () => {
    await put('gone', SUNDAYS);
    expect([(await remove('gone')).status, (await remove('gone')).status]).toEqual([200, 404]);
    expect((await api.call('GET', '/api/calendars/gone')).json.code).toBe('calendar_not_found');
    expect((await create({ name: 'gone', ...SUNDAYS })).status).toBe(201);
  });

  test('belongs to a project, and is changed by those who may', async () => {
    await put('ours', SUNDAYS);
    const theirs = await api.makeKey('admin', { projectId: OTHER_PROJECT_ID });
    expect((await api.call('GET', '/api/calendars/ours', { key: theirs })).status).toBe(404);
    expect((await api.call('DELETE', '/api/calendars/ours', { key: theirs })).status).toBe(404);
    for (const role of ['viewer', 'operator'] as const) {
      const key = await api.makeKey(role);
      expect((await api.call('GET', '/api/calendars/ours', { key })).status).toBe(200);
      expect((await api.call('PUT', '/api/calendars/ours', { key, body: SUNDAYS })).status).toBe(403);
    }
  });

  test.each(['Holidays', 'a b', '-a', '.a', '..', 'a/b', 'é', 'a'.repeat(65)])('is not called %j', async (name) => {
    const answer = await create({ name, ...SUNDAYS });
    expect(placesOf(answer)).toEqual(['/name']);
    expect(answer.json.detail).toMatch(/^name must /);
    expect(placesOf(await put(encodeURIComponent(name), SUNDAYS))).toEqual(['calendar']);
  });

  test.each(['', 5, null, undefined])('needs a name: %j is none', async (name) => {
    expect(placesOf(await create({ name, ...SUNDAYS }))).toEqual(['/name']);
  });

  test.each(['a', '0', 'de-he.2026_work', 'a'.repeat(64)])('may be called %s', async (name) => {
    expect((await create({ name, ...SUNDAYS })).status).toBe(201);
  });

  test.each([
    ['', {}, { dates: [] }],
    ['/dates', { dates: '2026-01-01' }, { dates: Array.from({ length: 2_001 }, () => '2026-01-01') }],
    ['/dates/0', { dates: ['2026-02-30'] }, { dates: [5] }, { dates: [{ from: '2026-02-02', to: '2026-02-01' }] }],
    ['/dates/0/day', { dates: [{ date: '2026-02-02', day: 'x' }] }],
    ['/weekdays', { weekdays: ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] }],
    ['/weekdays/0', { weekdays: ['MON'] }],
    ['/recurring/0', { recurring: [{ month: 2, day: 30 }] }, { recurring: [{ easter: 500 }] }, { recurring: [{}] }],
    ['/days', { days: ['2026-01-01'] }],
  ])('with something wrong at %j is refused', async (pointer, ...bodies) => {
    for (const body of bodies) expect(placesOf(await put('wrong', body))).toEqual([pointer]);
    expect((await api.call('GET', '/api/calendars/wrong')).status).toBe(404);
  });
});

describe('an uploaded iCalendar file', () => {
  const event = (lines: string) => `BEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n${lines}\r\nEND:VEVENT\r\n`;
  const file = (...events: string[]) =>
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n${events.map(event).join('')}END:VCALENDAR\r\n`;
  const christmas = 'SUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227';
  const upload = (raw: string, name = 'uploaded', type = 'text/calendar') =>
    api.call('PUT', `/api/calendars/${name}/ics`, { raw, headers: { 'content-type': type } });

  test('becomes the days of its all-day events, and what was read is counted', async () => {
    const { status, json } = await upload(file(christmas, 'SUMMARY:Lunch\r\nDTSTART:20261225T100000Z'));
    const counts = { days: 2, ignored: 1, notes: [] };
    expect([status, json]).toEqual([200, { name: 'uploaded', status: 'created', jobs: 0, ...counts }]);
    const dates = [{ from: '2026-12-25', to: '2026-12-26', name: 'Christmas' }];
    expect(await get('uploaded')).toMatchObject({ dates, jobs: 0 });
    const jobId = await submit({ calendars: ['uploaded'] });
    expect((await upload(file(christmas), 'uploaded', 'text/calendar; charset=utf-8')).json).toMatchObject({
      status: 'updated',
      jobs: 1,
    });
    expect((await getJob(jobId)).generation).toBe(2);
  });

  test('that recurs without end is read for this century, with a note', async () => {
    const { json } = await upload(file('DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=YEARLY'), 'endless');
    expect(json).toMatchObject({ days: 75, notes: [expect.stringContaining('through 2100')] });
  });

  test.each([
    ['is no iCalendar', '{"a": 1}'],
    ['ends too early', 'BEGIN:VCALENDAR'],
    ['has no event', file()],
    ['has timed events only', file('DTSTART:20261225T100000Z')],
    ['has a day that does not exist', file('DTSTART;VALUE=DATE:20261325')],
    ['recurs each second', file('DTSTART;VALUE=DATE:20261225\r\nRRULE:FREQ=SECONDLY')],
    ['is markup', '<script>alert(1)</script>'],
  ])('is refused when it %s', async (_, text) => {
    expect(placesOf(await upload(text, 'hostile'))).toEqual(['']);
    expect((await api.call('GET', '/api/calendars/hostile')).status).toBe(404);
  });

  test('is text of its own type, under a name as any calendar', async () => {
    for (const type of ['application/json', 'text/plain', 'text/calendar; charset=latin1']) {
      expect((await upload(file(christmas), 'x', type)).status).toBe(415);
    }
    expect((await upload('')).status).toBe(400);
    expect((await upload(`${file(christmas)}\0`)).status).toBe(400);
    expect((await upload('x'.repeat(300_000))).status).toBe(413);
    expect(placesOf(await upload(file(christmas), 'NO'))).toEqual(['calendar']);
  });
});

describe('jobs that exclude calendars', () => {
  test('show which, and are counted by each calendar until they end', async () => {
    await put('used', SUNDAYS);
    await put('also', { weekdays: ['SA'] });
    const exclude = { calendars: ['also', 'used'], shift: 'next' };
    const jobId = await submit(exclude);
    expect(await getJob(jobId)).toMatchObject({ exclude, understoodAs: expect.stringContaining('"used"') });
    expect([(await get('used')).jobs, (await get('also')).jobs]).toEqual([1, 1]);
    const refused = await remove('used');
    expect([refused.status, refused.json.detail]).toEqual([
      409,
      `The calendar is excluded by 1 job that has not ended: ${jobId}.`,
    ]);

    await api.call('PUT', `/api/jobs/${jobId}`, { body: { exclude: { calendars: ['also'] } } });
    expect((await getJob(jobId)).exclude).toEqual({ calendars: ['also'] });
    expect([(await get('used')).jobs, (await remove('used')).status]).toEqual([0, 200]);
    await api.call('DELETE', `/api/jobs/${jobId}`);
    expect([(await get('also')).jobs, (await remove('also')).status]).toEqual([0, 200]);
  });

  test('name calendars that there are', async () => {
    await put('known', SUNDAYS);
    const jobId = await submit(undefined);
    const before = await contentsOf(api.db);
    const exclude = { calendars: ['known', 'unknown'] };
    const body = { jobName: 'x', jobType: 'recurring', frequency: 'daily', exclude };
    expect(placesOf(await api.call('POST', '/api/jobs', { body }))).toEqual(['/exclude/calendars/1']);
    const answer = await api.call('PUT', `/api/jobs/${jobId}`, { body: { exclude } });
    expect(placesOf(answer)).toEqual(['/exclude/calendars/1']);
    const once = { jobName: 'x', jobType: 'one-time', executionTime: 'now', exclude: { calendars: ['known'] } };
    expect(placesOf(await api.call('POST', '/api/jobs', { body: once }))).toEqual(['/exclude']);
    expect(await contentsOf(api.db)).toEqual(before);
  });

  test('go by a changed calendar at once', async () => {
    await put('moving', { dates: ['2020-01-01'] });
    const jobId = await submit({ calendars: ['moving'] });
    const { nextRunAt = '' } = await getJob(jobId);
    const commits = api.commits();
    expect((await put('moving', { dates: [nextRunAt.slice(0, 10)] })).json).toMatchObject({ jobs: 1 });
    const later = await getJob(jobId);
    expect(Date.parse(later.nextRunAt ?? '') - Date.parse(nextRunAt)).toBe(DAY);
    expect([later.generation, api.commits()]).toEqual([2, commits + 1]);
    await put('moving', { dates: ['2020-01-01'] });
    expect(await getJob(jobId)).toMatchObject({ nextRunAt, generation: 3 });
  });

  test('are not left without any fire: such a calendar is refused, and changes nothing', async () => {
    await put('sparing', { weekdays: ['SA'] });
    await submit({ calendars: ['sparing'] }, { jobName: 'Every Sunday', frequency: '0 9 * * 0' });
    const before = [await contentsOf(api.db), await get('sparing')];
    const answer = await put('sparing', SUNDAYS);
    expect([answer.status, answer.json.code]).toEqual([409, 'conflict']);
    expect(answer.json.detail).toMatch(
      /^The job "Every Sunday" \(.*\) could not go on: the calendars would exclude every fire/,
    );
    expect([await contentsOf(api.db), await get('sparing')]).toEqual(before);
  });

  test('are completed when all that was left of them is excluded', async () => {
    await put('closing', { dates: ['2020-01-01'] });
    const window = { startAt: '2020-01-01T00:00:00Z', endAt: `${dayIn(3)}T12:00:00Z` };
    const jobId = await submit({ calendars: ['closing'] }, window);
    await put('closing', { dates: [{ from: dayIn(0), to: dayIn(3) }] });
    expect(await getJob(jobId)).toMatchObject({ status: 'completed' });
    expect((await get('closing')).jobs).toBe(0);
  });
});
