import { expect } from '@jest/globals';
import { contentsOf, startTestApi, type Answer, type CallOptions, type TestApi } from './support.js';

/** An API that holds a job. */
export interface RefusingApi extends TestApi {
  /** Sends what must be refused, and sees that nothing came of it; `:jobId` in the path is the job's id. */
  refused(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export async function startRefusingApi(): Promise<RefusingApi> {
  const api = await startTestApi();
  const jobId = await api.submit({ jobType: 'recurring', executionTime: undefined, frequency: 'daily' });
  return {
    ...api,
    async refused(method, path, options = {}) {
      const before = await contentsOf(api.db);
      const answer = await api.call(method, path.replace(':jobId', jobId), options);
      expect(answer.headers['content-type']).toMatch('application/problem+json');
      expect(answer.json).toMatchObject({
        status: answer.status,
        title: expect.any(String),
        detail: expect.any(String),
      });
      expect(answer.json.traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.status).toBeLessThan(500);
      expect(await contentsOf(api.db)).toEqual(before);
      return answer;
    },
  };
}

/** The places that a refusal names. */
export const named = ({ json }: Answer): (string | undefined)[] =>
  (json.errors ?? []).map((problem) => problem.pointer ?? problem.parameter);

export const valid = { jobName: 'Report', jobType: 'recurring', frequency: 'daily' };
