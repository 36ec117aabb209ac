import { lockPlaces, countPlaces, firstInLine, moveOn, ownersInDemand, type PlaceOwner } from '../store/places.js';
import type { ChangedJob } from '../store/jobs.js';
import type { Queries } from '../store/database.js';
import { toTimestamp } from '../store/instants.js';
import { eachInTurn } from './each-in-turn.js';
import type { CommandPorts } from './ports.js';

type GrantPorts = Pick<CommandPorts, 'db' | 'clock' | 'onCommitted'>;

/** The most places given away at a time. */
const GRANTS_AT_A_TIME = 100;
/** How many owners one round of looking after them takes. */
const OWNERS_A_ROUND = 100;

/**
 * Gives the free places of a key, or of a project, to the runs that wait for them, first come first served. Called by whoever
 * frees a place, after that has committed. Each in a transaction of its own: several jobs are locked in the order of their
 * ids only, which is not that of the line.
 */
export async function grantPlaces(ports: GrantPorts, owner: PlaceOwner): Promise<void> {
  for (let count = 0; count < GRANTS_AT_A_TIME; count += 1) {
    const granted = await ports.db.transaction(async (tx) => {
      await lockPlaces(tx, owner);
      if (owner.key !== null) await lockPlaces(tx, { ...owner, key: null });
      return grantOne(tx, owner, toTimestamp(ports.clock.now()));
    });
    if (!granted) return;
    ports.onCommitted();
  }
}

/** Gives on what a change has freed. That has committed, so this does not fail: what is left, the schedulers' next round does. */
export async function giveOn(ports: GrantPorts, { freed = [] }: Pick<ChangedJob, 'freed'>): Promise<void> {
  await eachInTurn(freed, (owner) => grantPlaces(ports, owner)).catch(() => undefined);
}

/** Whether there was a run to give a place to. */
async function grantOne(tx: Queries, owner: PlaceOwner, at: string): Promise<boolean> {
  const first = await firstInLine(tx, owner);
  if (!first) return false;
  const limit = owner.key === null ? first.projectLimit : (first.concurrency?.limit ?? null);
  const { held } = await countPlaces(tx, owner, first.runId);
  if (limit !== null && held >= limit) return false;
  const from = owner.key === null ? 'project' : 'concurrency';
  const to = from === 'concurrency' && (await mustWaitForProject(tx, owner, first)) ? 'project' : null;
  await moveOn(tx, first, { from, to, at });
  return true;
}

async function mustWaitForProject(
  tx: Queries,
  { projectId }: PlaceOwner,
  { runId, projectLimit }: { runId: string; projectLimit: number | null },
): Promise<boolean> {
  if (projectLimit === null) return false;
  const { held, ahead } = await countPlaces(tx, { projectId, key: null }, runId);
  return held + ahead >= projectLimit;
}

/** Looks after every place that somebody waits for: what freed one may have died before it gave it away. */
export async function grantAllPlaces(ports: GrantPorts): Promise<void> {
  await eachInTurn(await ownersInDemand(ports.db, OWNERS_A_ROUND), (owner) => grantPlaces(ports, owner));
}
