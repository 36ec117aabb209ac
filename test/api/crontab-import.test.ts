import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endpoints } from '../../src/contract/endpoints.js';
import { placesOf, withoutAWrite } from './schedules-support.js';
import { startTestApi, type TestApi } from './support.js';

let api: TestApi;
let viewer: string;
beforeAll(async () => {
  api = await startTestApi();
  viewer = await api.makeKey('viewer');
});
afterAll(() => api.close());

describe('importing a crontab', () => {
  const take = (raw: string, query = '', type = 'text/plain') =>
    api.call('POST', `/api/jobs/import?${query}`, { raw, headers: { 'content-type': type } });
  const crontab = 'CRON_TZ=Europe/Lisbon\n# Report\n30 9 * * 1-5 curl -fsS https://example.com/report\n';
  const line = '* * * * curl https://example.com';

  test('takes calls of a URL as http jobs, after a dry run that tells the same', async () => {
    const dry = await withoutAWrite(api, () => take(crontab, 'dryRun=true'));
    const third = { line: 3, jobName: 'Report', frequency: '30 9 * * 1-5', timezone: 'Europe/Lisbon', handler: 'http' };
    const told = {
      ...third,
      understoodAs: expect.stringMatching(/^every weekday/),
      nextRunAt: expect.any(String),
      payload: { method: 'GET', url: 'https://example.com/report' },
      notes: [expect.stringMatching(/^An attempt/)],
    };
    expect([dry.status, dry.json]).toEqual([200, { dryRun: true, jobs: [told], problems: [] }]);
    const { json } = await take(crontab);
    expect(json).toEqual({ dryRun: false, jobs: [{ ...told, jobId: expect.any(String) }], problems: [] });
    const { jobId } = endpoints.importJobs.ok.schema.parse(json).jobs[0] ?? {};
    const job = { jobName: 'Report', tags: ['crontab'], payload: { url: 'https://example.com/report' } };
    expect((await api.call('GET', `/api/jobs/${jobId}`)).json).toMatchObject(job);
    expect((await api.call('GET', '/api/jobs?tag=crontab')).list).toMatchObject([{ jobId }]);
  });

  test('takes other commands by the handler that is named, in the zone that is given', async () => {
    const answer = await take('0 9 * * * root /bin/backup -a%in\n', 'handler=log&format=system&timezone=Asia/Tokyo');
    const [job] = endpoints.importJobs.ok.schema.parse(answer.json).jobs;
    expect(job).toMatchObject({ line: 1, timezone: 'Asia/Tokyo', handler: 'log', jobName: '/bin/backup (line 1)' });
    expect(job?.notes).toContain('It ran as root there; a job runs as its worker does.');
    expect(job?.notes.join()).toContain('The handler log runs nothing');
    const { payload } = (await api.call('GET', `/api/jobs/${job?.jobId}`)).json;
    expect(payload).toEqual({ command: '/bin/backup -a', stdin: 'in\n' });
  });

  test.each([
    ['the lines that cannot be taken', [1, 2], `0 9 * * * /bin/x\n61 ${line}\n0 ${line}`, ''],
    ['a line too many', [1_001], '0 9 * * * x\n'.repeat(1_001), 'handler=log'],
    ['an unknown handler', ['handler'], '0 9 * * * x\n0 8 * * * x', 'handler=unknown'],
    ['an unknown zone', ['timezone'], '0 9 * * * x\n0 8 * * * x', 'handler=log&timezone=Mars/Olympus'],
  ])('imports nothing and names %s', async (_, places, text, query) => {
    expect(placesOf(await withoutAWrite(api, () => take(text, query)))).toEqual(places);
  });

  test('takes text only, from those who may submit', async () => {
    expect((await take(crontab, '', 'application/json')).status).toBe(415);
    expect([(await take('# nothing\n')).status, (await take('')).status]).toEqual([422, 400]);
    expect((await api.call('POST', '/api/jobs/import', { raw: crontab, key: viewer })).status).toBe(403);
  });
});
