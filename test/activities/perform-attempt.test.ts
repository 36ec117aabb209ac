import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { BegunRun } from '../../src/activities/begin-run.js';
import { performAttempt } from '../../src/activities/perform-attempt.js';
import type { ExecutorPorts } from '../../src/activities/ports.js';
import { testVault } from '../support/encryption.js';
import { testHandler } from '../support/handlers.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('nothing of an attempt goes on when it throws: no heartbeat, and no telling how far it is', async () => {
  const unreadable = Object.defineProperty(new Error(), 'message', {
    get() {
      throw new Error('this error cannot be read');
    },
  });
  const handler = testHandler('unreadable', async ({ progress }) => {
    progress(0.5);
    expect(jest.getTimerCount()).toBeGreaterThan(0);
    throw unreadable;
  });
  const ports = {
    vault: testVault,
    clock: { now: () => 0 },
    handlers: { get: () => handler },
    observer: { began() {}, attemptEnded() {} },
    logQuota: { take: async (_projectId: string, bytes: number) => bytes },
    stopWatch: { watch: () => ({ signal: new AbortController().signal, forget: () => undefined }) },
  } as unknown as ExecutorPorts;
  const job = { id: 'job', projectId: 'project', handler: 'unreadable', timeoutMs: 1_000, deadlineMs: null };
  const run = { job, runId: 'run', attempt: 1, startedAt: 0, scheduledFor: 0 } as BegunRun;

  await expect(new MockActivityEnvironment().run(performAttempt, ports, run)).rejects.toThrow('cannot be read');
  expect(jest.getTimerCount()).toBe(0);
});
