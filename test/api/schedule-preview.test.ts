import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { v7 as uuidv7 } from 'uuid';
import { endpoints } from '../../src/contract/endpoints.js';
import { frequency, HOUR, iso, placesOf, recurring, withoutAWrite } from './schedules-support.js';
import { startTestApi, type Answer, type TestApi } from './support.js';

let api: TestApi;
let viewer: string;
beforeAll(async () => {
  api = await startTestApi();
  viewer = await api.makeKey('viewer');
  const day = { date: '2026-12-25', name: 'Christmas Day' };
  await api.call('PUT', '/api/calendars/holidays', { body: { dates: [day] } });
  await api.call('PUT', '/api/calendars/weekends', { body: { weekdays: ['SA', 'SU'] } });
});
afterAll(() => api.close());

describe('a preview', () => {
  const preview = (body: unknown) =>
    withoutAWrite(api, () => api.call('POST', '/api/schedules/preview', { body, key: viewer }));
  const fires = async (body: object) => endpoints.previewSchedule.ok.schema.parse((await preview(body)).json).fires;

  test.each([
    ['monthly', 'every month on the 1st at 00:00, UTC', '2026-04-01T00:00:00.000Z'],
    ['PT15M', 'every 15 minutes, counted from 2000-01-01 00:00, UTC', '2026-03-27T00:15:00.000Z'],
    ['@yearly', 'on the 1st at 00:00 in January, UTC', '2027-01-01T00:00:00.000Z'],
    ['15 30 9 * * 1-5', 'every weekday at 09:30:15, UTC', '2026-03-27T09:30:15.000Z'],
    ['0 9 * * 5L', 'on the last Friday of the month at 09:00, UTC', '2026-03-27T09:00:00.000Z'],
    [['0 8 * * 1', '0 20 * * 5'], 'every Monday at 08:00; and every Friday at 20:00, UTC', '2026-03-27T20:00:00.000Z'],
  ])('of %j says what was understood, and the next fire', async (given, understoodAs, utc) => {
    const { status, json } = await preview({ frequency: given, after: '2026-03-27T00:00:00Z', count: 1 });
    const local = utc.replace('.000Z', '+00:00');
    expect([status, json]).toEqual([200, { understoodAs, fires: [{ local, utc, notes: [] }] }]);
  });

  const half = { frequency: '30 1 * * *', timezone: 'Europe/Lisbon' };
  const nine = { frequency: '0 9 25 * *', exclude: { calendars: ['weekends', 'holidays'] } };
  const shifted = { ...nine, exclude: { ...nine.exclude, shift: 'previous' } };
  const christmas = 'alendar "holidays" excludes 2026-12-25 (Christmas Day).';
  test.each([
    [half, '2026-03-29T02:00:00+01:00', '01:30 does not exist on this day in Europe/Lisbon: it runs at 02:00 instead'],
    [half, '2026-10-25T01:30:00+01:00', '01:30 comes twice on this day: this is the first of the two'],
    [nine, '2026-12-25T09:00:00+00:00', `The c${christmas}`],
    [shifted, '2026-12-24T09:00:00+00:00', `Moved from 2026-12-25T09:00:00+00:00: the c${christmas}`],
  ])('says of a fire of %j at %s: %s', async (body, local, note) => {
    const [fire] = await fires({ ...body, after: iso(Date.parse(local) - 1), count: 1 });
    expect(fire).toMatchObject({ local, notes: [note] });
    expect(fire?.excluded).toBe(note.startsWith('The c') ? true : undefined);
  });

  test('has as many fires as were asked for, strictly after an instant; 10 when nothing is said', async () => {
    const thousand = await fires({ frequency: 'every 1 minute', after: '2026-03-27T00:00:00Z', count: 1_000 });
    expect([thousand.length, thousand[0]?.utc.slice(11, 16)]).toEqual([1_000, '00:01']);
    expect([(await fires(recurring)).length, (await fires({ ...recurring, maxRuns: 3 })).length]).toEqual([10, 3]);
  });

  test('begins where a job begins that is submitted now', async () => {
    const [once, ...others] = await fires({ jobType: 'one-time', executionTime: 'now' });
    expect([Math.abs(Date.parse(once?.utc ?? '') - Date.now()) < 5_000, others]).toEqual([true, []]);
    const [first] = await fires({ executionTime: 'now', frequency: 'every 1 hour' });
    expect(Math.abs(Date.parse(first?.utc ?? '') - Date.now())).toBeLessThan(5_000);
    expect(await fires({ jobType: 'one-time', executionTime: iso(Date.now() - HOUR / 2) })).toHaveLength(1);
    expect(await fires({ jobType: 'one-time', executionTime: iso(Date.now() - 2 * HOUR) })).toEqual([]);
  });

  test.each([
    ['/frequency', {}, { frequency: 'dayly' }, { frequency: [] }, { frequency: '0 0 30 2 *' }],
    ['/frequency/1', { frequency: ['daily', 'dayly'] }],
    ['/timezone', { frequency: 'daily', timezone: 'Europe/Lisbonn' }],
    ['/startAt', { frequency: 'daily', startAt: 'soon' }],
    ['/endAt', { frequency: 'daily', startAt: '2027-01-02T00:00:00Z', endAt: '2027-01-01T00:00:00Z' }],
    ['/exclude/calendars/1', { frequency: 'daily', exclude: { calendars: ['holidays', 'unknown'] } }],
    ['/exclude/shift', { frequency: 'every 1 minute', exclude: { calendars: ['holidays'], shift: 'next' } }],
    ['/exclude', { frequency: '0 9 * * 0', exclude: { calendars: ['weekends'] } }],
    ['/count', { frequency: 'daily', count: 0 }, { frequency: 'daily', count: 1_001 }],
    ['/after', { frequency: 'daily', after: '2026-13-01T00:00:00Z' }],
    ['/maxRuns', { jobType: 'one-time', executionTime: 'now', maxRuns: 3 }],
  ] as const)('names %s in the refusal of %j', async (pointer, ...bodies) => {
    for (const body of bodies) expect(placesOf(await preview(body))).toEqual([pointer]);
  });
});

describe('PUT with preview=true', () => {
  const put = (jobId: string, body: object, query = 'preview=true') =>
    withoutAWrite(api, () => api.call('PUT', `/api/jobs/${jobId}?${query}`, { body }));
  const differenceOf = ({ json }: Answer) => endpoints.updateJob.ok.schema.options[1].parse(json);

  test('tells which fires would disappear and appear', async () => {
    const jobId = await api.submit({ ...recurring, frequency: '0 9 * * *', endAt: '2099-01-01T00:00:00Z' });
    const evenings = differenceOf(await put(jobId, { frequency: ['0 9 * * *', '0 18 * * *'] }));
    expect(evenings).toMatchObject({ understoodAs: expect.stringContaining('18:00'), disappear: [] });
    expect(evenings.appear.every(({ utc }) => utc.endsWith('T18:00:00.000Z'))).toBe(true);
    // Compared over the next 100 fires: as many evenings as mornings.
    expect([49, 50]).toContain(evenings.appear.length);
    const without = differenceOf(await put(jobId, { exclude: { calendars: ['weekends'] } }));
    expect(without.disappear.map(({ utc }) => utc)).toEqual(without.appear.map(({ utc }) => utc));
    expect(without.appear.every(({ excluded, notes }) => excluded && notes[0]?.includes('weekends'))).toBe(true);
    expect(differenceOf(await put(jobId, { maxRuns: 1 })).disappear).toHaveLength(99);
    expect(differenceOf(await put(jobId, { jobName: 'Another' }))).toMatchObject({ disappear: [], appear: [] });
    const moved = differenceOf(await put(await api.submit(), { executionTime: 'now' }));
    expect([moved.disappear.length, moved.appear.length]).toEqual([1, 1]);
  });

  test.each([
    ['/frequency', { frequency: 'dayly' }],
    ['/endAt', { endAt: '2020-01-01T00:00:00Z' }],
    ['/handler', { handler: 'unknown' }],
    ['/exclude/calendars/0', { exclude: { calendars: ['unknown'] } }],
    ['', {}],
  ])('names %s, as the change itself would, in the refusal of %j', async (pointer, body) => {
    const jobId = await api.submit(recurring);
    expect(placesOf(await put(jobId, body))).toEqual([pointer]);
    expect(placesOf(await put(jobId, body, ''))).toEqual([pointer]);
  });

  test('is refused for a job that has ended, for none, and with another word than true or false', async () => {
    const jobId = await api.submit(recurring);
    expect(placesOf(await put(jobId, { priority: 'low' }, 'preview=maybe'))).toEqual(['preview']);
    await api.call('DELETE', `/api/jobs/${jobId}`);
    expect((await put(jobId, { frequency })).status).toBe(409);
    expect((await put(uuidv7(), { frequency })).status).toBe(404);
  });
});
