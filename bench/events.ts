import { withBare } from './support/bare.js';
import { becomesTrue, type World } from './support/carillon.js';
import { submitAll, untilCompleted } from './support/jobs.js';
import type { Report } from './support/report.js';

/** `EVENT_TYPE_ACTIVITY_TASK_SCHEDULED` (temporal.api.enums.v1.EventType). */
const ACTIVITY_TASK_SCHEDULED = 10;
/** Longer than the lead: each fire has its timer. */
const EVERY_S = 3;
const FIRES = 3;
const TARGET = { oneTime: 16, furtherFire: 12 };

/** How many events a job costs in Temporal's history. */
export async function events(world: World): Promise<Report> {
  const ours = ofCarillon(world);
  const theirs = withBare(world.place.temporalAddress, async ({ taskQueue }) => {
    const due = Date.now() + 3_000;
    const start = (type: string, ...args: unknown[]): Promise<{ workflowId: string; result(): Promise<unknown> }> =>
      world.temporal.workflow.start(type, { taskQueue, workflowId: `${type}/${due}`, args });
    const once = await start('bare', due);
    const recurring = await start('bareRecurring', due, EVERY_S * 1000, FIRES);
    await Promise.all([once.result(), recurring.result()]);
    return {
      oneTime: await historyLength(world, once.workflowId),
      furtherFire: furtherFireOf(await activityEvents(world, recurring.workflowId)),
    };
  });
  const [carillon, bare] = await Promise.all([ours, theirs]);
  return {
    rows: [
      {
        what: 'a one-time job that succeeds',
        carillon: String(carillon.oneTime),
        bare: String(bare.oneTime),
        target: `≤ ${TARGET.oneTime}`,
        met: carillon.oneTime <= TARGET.oneTime,
      },
      {
        what: 'each further fire of a recurring one',
        carillon: String(carillon.furtherFire),
        bare: String(bare.furtherFire),
        target: `≤ ${TARGET.furtherFire}`,
        met: carillon.furtherFire <= TARGET.furtherFire,
      },
    ],
    notes: [],
  };
}

async function ofCarillon(world: World): Promise<{ oneTime: number; furtherFire: number }> {
  const recurring = await world.submit({ jobType: 'recurring', frequency: `every ${EVERY_S} seconds` });
  const [once = ''] = await submitAll(world, [Date.now() + 3_000]);
  await untilCompleted(world, [once], 15_000);
  let scheduled: number[] = [];
  const hasFired = async (): Promise<boolean> => {
    scheduled = await activityEvents(world, `job/${recurring}`).catch(() => []);
    return scheduled.length >= FIRES;
  };
  if (!(await becomesTrue(hasFired, 30_000))) throw new Error('the recurring job did not fire');
  await world.temporal.workflow.getHandle(`job/${recurring}`).signal('cancel');
  return { oneTime: await historyLength(world, `job/${once}`), furtherFire: furtherFireOf(scheduled) };
}

async function historyLength({ temporal }: World, workflowId: string): Promise<number> {
  const handle = temporal.workflow.getHandle(workflowId);
  await handle.result();
  return (await handle.describe()).historyLength;
}

/** The numbers of the events that hand a run to a worker: one a fire. */
async function activityEvents({ temporal }: World, workflowId: string): Promise<number[]> {
  const { events: all = [] } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  return (all ?? []).filter((one) => one.eventType === ACTIVITY_TASK_SCHEDULED).map((one) => Number(one.eventId));
}

function furtherFireOf(scheduled: number[]): number {
  return Math.max(...scheduled.slice(1).map((event, i) => event - (scheduled[i] ?? 0)));
}
