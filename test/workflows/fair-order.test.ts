import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import sql from 'sql-template-tag';
import { workflowIdOf } from '../../src/domain/ids.js';
import type { Priority } from '../../src/domain/job.js';
import { eventually } from '../support/eventually.js';
import { gate, testHandler, type Gate } from '../support/handlers.js';
import { realTime, type RealTime } from '../support/real-time.js';
import { CALLER, type Scheduler } from '../support/scheduler.js';

/** One node with one place, and more that is due than it can do: in which order it begins. */

/** With one place: the run that waits for it, and the task that was asked for before. */
const TAKEN_EARLY = 2;

let real: RealTime;
let scheduler: Scheduler;
let door: Gate;
let begun: string[] = [];

const stopper = testHandler('stopper', async ({ signal }) => door.wait(signal));
const work = testHandler('work', async (_context, payload) => void begun.push(String(payload)));

beforeAll(async () => {
  real = await realTime({ handlers: [stopper, work], places: 1 });
  scheduler = real.scheduler;
});
afterAll(() => real?.close());
beforeEach(() => {
  door = gate();
  begun = [];
});

const job = { jobName: 'a job', jobType: 'one-time', executionTime: 'now' } as const;

/** Has the one place taken until the door opens. */
async function takeThePlace(): Promise<void> {
  await scheduler.submit({ ...job, handler: 'stopper', priority: 'high' });
  await door.reached;
}

const submit = (
  payload: string,
  { projectId = CALLER.projectId, priority = 'medium' }: { projectId?: string; priority?: Priority } = {},
) => scheduler.submit({ ...job, handler: 'work', payload, priority }, { ...CALLER, projectId });

async function newProject(weight = 1): Promise<string> {
  const id = randomUUID();
  await scheduler.db.query(
    sql`insert into projects (id, slug, name, weight) values (${id}, ${id}, 'another', ${weight})`,
  );
  return id;
}

/** Waits until the runs of all these jobs have been handed to the pool's queue. */
async function allHandedOver(jobIds: string[]): Promise<void> {
  for (const jobId of jobIds) {
    await eventually(async () => {
      const { raw } = await scheduler.client.workflow.getHandle(workflowIdOf(jobId)).describe();
      expect(raw.pendingActivities).toHaveLength(1);
    }, 60_000);
  }
}

const allBegun = (count: number) => eventually(() => expect(begun).toHaveLength(count), 60_000);

describe('of a backlog', () => {
  test('high begins before medium before low, but for the two that were taken before', async () => {
    await takeThePlace();
    const classes: Priority[] = ['low', 'medium', 'high'];
    const ids: string[] = [];
    for (const priority of classes) for (let i = 0; i < 30; i++) ids.push(await submit(priority, { priority }));
    await allHandedOver(ids);
    door.open();
    await allBegun(90);
    const inOrder = begun.slice(TAKEN_EARLY);
    const rank = (name: string) => classes.indexOf(name as Priority);
    // Of the two that the worker has at hand when its place is free, either may begin first.
    const passedBy = inOrder.map((name, at) => inOrder.slice(at).filter((later) => rank(later) > rank(name)).length);
    expect(Math.max(...passedBy)).toBeLessThanOrEqual(1);
    expect(passedBy.filter((count) => count > 0).length).toBeLessThanOrEqual(TAKEN_EARLY);
  }, 180_000);

  test('a project with one run does not wait behind another with 200', async () => {
    const [many, one] = [await newProject(), await newProject()];
    await takeThePlace();
    const ids: string[] = [];
    for (let i = 0; i < 200; i++) ids.push(await submit('of many', { projectId: many }));
    await allHandedOver(ids);
    await allHandedOver([await submit('the one', { projectId: one })]);
    door.open();
    await allBegun(201);
    // The server, too, has a few tasks at hand.
    expect(begun.indexOf('the one')).toBeLessThanOrEqual(TAKEN_EARLY + 10);
  }, 180_000);

  test('a project of three times the weight begins three times as often', async () => {
    const [light, heavy] = [await newProject(), await newProject(3)];
    await takeThePlace();
    const ids: string[] = [];
    for (let i = 0; i < 60; i++)
      for (const [name, projectId] of Object.entries({ light, heavy })) ids.push(await submit(name, { projectId }));
    await allHandedOver(ids);
    door.open();
    await allBegun(120);
    // Of 40; with equal weights 20. The first few were at hand in the server before all had come.
    const ofHeavy = begun.slice(10, 50).filter((name) => name === 'heavy').length;
    expect(ofHeavy).toBeGreaterThanOrEqual(26);
  }, 180_000);
});
