import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { askService } from './ask-service.js';

/** Where the workflows of the current sources are, bundled by the build that `npm test` begins with. */
export function workflowBundlePath(): string {
  return fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
}

export interface TestTemporal {
  /** For TEMPORAL_ADDRESS. */
  address: string;
  /** Nobody else's, with our search attributes: names of workflows and task queues are free in it. */
  namespace: string;
}

/** A real Temporal, shared by the whole run, in a namespace of its own for this test file (0.1 s, the first one 1 s). */
export async function createTestTemporal(): Promise<TestTemporal> {
  return askService<TestTemporal>('temporal');
}

/**
 * A Temporal that skips the time in which nothing happens. It skips for all that it runs: one for each test file, and
 * no tests at once within that. Ends with its `teardown()`.
 */
export async function createTimeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = await askService<string>('timeSkippingServer');
  return TestWorkflowEnvironment.createTimeSkipping({ server: { executable: { type: 'existing-path', path } } });
}
