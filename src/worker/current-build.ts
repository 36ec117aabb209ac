import type { Client } from '@temporalio/client';
import type { Logger } from 'pino';
import type { Clock } from '../platform/clock.js';
import { startRounds } from '../platform/rounds.js';
import type { Database } from '../store/database.js';
import { declareNewest, noteBuild, readBuilds, type WorkflowBuild } from '../store/workflow-builds.js';
import { makeCurrent, readCurrentBuild } from './deployment.js';

const SEEN_EVERY_MS = 5_000;
/** A build of which no scheduler was seen for so long (in milliseconds) has none. */
export const GONE_AFTER_MS = 30_000;
/** How soon Temporal is told again which build is current that has not heard of its worker yet, in milliseconds. */
const TELL_AGAIN_MS = 100;
const TELL_TIMES = 50;

interface Ports {
  db: Database;
  clock: Pick<Clock, 'now'>;
  client: Client;
  logger: Logger;
}

/** Which build is to get the workflow tasks: the newest of those that a live scheduler has. */
export function newestLive(builds: readonly WorkflowBuild[], now: number): string | undefined {
  const live = builds.filter(({ seenAt }) => now - seenAt <= GONE_AFTER_MS);
  return live.toSorted((a, b) => b.since - a.since)[0]?.id;
}

/**
 * Shows that a scheduler with this build lives, and makes the build the current one of Temporal's when it is the newest
 * that does: at the start of a new release, and of an old one once nobody has the new one any more. A scheduler of an
 * old release that is restarted meanwhile leaves the current one alone.
 */
export function keepNewestCurrent(
  { db, clock, client, logger }: Ports,
  { buildId, node }: { buildId: string; node: string },
): { stop(): Promise<void> } {
  let isSettled = false;
  let isStopping = false;

  const tell = async () => {
    const before = await readCurrentBuild(client);
    if (before === buildId) return true;
    for (let time = 0; time < TELL_TIMES && !isStopping; time++) {
      if (await makeCurrent(client, buildId, node)) {
        logger.info({ buildId, before }, 'the workflows go on with the code of this build');
        return true;
      }
      await new Promise((resolve) => {
        setTimeout(resolve, TELL_AGAIN_MS);
      });
    }
    return false;
  };
  const round = async () => {
    const now = clock.now();
    const newest = newestLive(await noteBuild(db, buildId, now), now);
    if (newest !== buildId) {
      if (isSettled) logger.info({ buildId, newest }, 'the workflows are left to another build');
      isSettled = false;
    } else if (!isSettled) isSettled = await tell();
  };
  const onFailure = (error: unknown) =>
    logger.warn({ err: error }, 'Temporal could not be told which build runs the workflows; it will be');

  const first = round().catch(onFailure);
  const rounds = startRounds(SEEN_EVERY_MS, () => first.then(round), onFailure);
  return {
    async stop() {
      isStopping = true;
      await Promise.all([rounds.stop(), first]);
    },
  };
}

/**
 * Declares a build to be the newest, so that it is the current one until a still newer one starts: a rollback.
 *
 * @throws Error with a sentence when no live scheduler has it
 */
export async function rollBackTo({ db, clock, client }: Omit<Ports, 'logger'>, buildId: string): Promise<void> {
  const now = clock.now();
  const build = (await readBuilds(db)).find(({ id }) => id === buildId);
  if (build === undefined || now - build.seenAt > GONE_AFTER_MS) {
    throw new Error(
      `No scheduler with build ${buildId} was seen in the last ${GONE_AFTER_MS / 1_000} s: start one first.`,
    );
  }
  await declareNewest(db, buildId, now);
  if (!(await makeCurrent(client, buildId, 'workflows:current'))) {
    throw new Error(`Temporal has not heard of a worker with build ${buildId} yet: try again.`);
  }
}
