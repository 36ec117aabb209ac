import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { becomesTrue, type World } from './support/carillon.js';
import { submitAll, until, untilCompleted } from './support/jobs.js';
import type { Report } from './support/report.js';
import { rounded } from './support/statistics.js';

const COUNT = 5_000;
/** The other project comes when so many of the first one's runs have begun. */
const HEAD_START = 100;
const DRAINED_WITHIN_MS = 600_000;
const TARGET_SHARE = 0.05;

/** A project with thousands of runs due at once, and another with one: how long that one waits. */
export async function fairness(world: World): Promise<Report> {
  const due = Date.now();
  const ids = await submitAll(
    world,
    Array.from({ length: COUNT }, () => due),
  );
  await becomesTrue(async () => (await begunBefore(world, ids, new Date())) >= HEAD_START, DRAINED_WITHIN_MS);
  const other = await newProject(world);
  const at = Date.now();
  const { jobId } = await other.submit(at);
  await until(at);
  await untilCompleted(world, [jobId], DRAINED_WITHIN_MS);
  const begunAt = await begunAtOf(world, jobId);
  const [beforeIt, atFirst] = [await begunBefore(world, ids, begunAt), await begunBefore(world, ids, new Date(at))];
  await untilCompleted(world, ids, DRAINED_WITHIN_MS);
  const drainedMs = Date.now() - at;
  const share = (beforeIt - atFirst) / (COUNT - atFirst);
  return {
    rows: [
      {
        what: `of ${COUNT - atFirst} runs of one project that were due and had not begun: begun before the one of another`,
        carillon: `${beforeIt - atFirst} (${(share * 100).toFixed(1)} %)`,
        target: `≤ ${TARGET_SHARE * 100} %`,
        met: share <= TARGET_SHARE,
      },
      { what: 'that one began after (ms)', carillon: rounded(begunAt.getTime() - at) },
      { what: 'and the last of the many after (ms)', carillon: rounded(drainedMs) },
    ],
    notes: [`The other project came when ${atFirst} of the first one's had begun.`],
  };
}

/** A project of its own, with a key, as an operator would make it. */
async function newProject({ db, place }: World): Promise<{ submit(due: number): Promise<{ jobId: string }> }> {
  const projectId = randomUUID();
  const [id, secret] = [
    randomBytes(8)
      .toString('hex')
      .replaceAll(/[0189]/g, 'a'),
    randomBytes(32).toString('base64url'),
  ];
  await db.query('insert into projects (id, slug, name) values ($1::uuid, $2, $2)', [projectId, projectId]);
  await db.query(
    "insert into api_keys (id, project_id, name, secret_hash, role) values ($1, $2, 'bench', $3, 'admin')",
    [id, projectId, createHash('sha256').update(secret).digest()],
  );
  return {
    async submit(due) {
      const answer = await fetch(`${place.apiUrl}/api/jobs`, {
        method: 'POST',
        headers: { authorization: `Bearer carillon_${id}.${secret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ jobName: 'one', jobType: 'one-time', executionTime: new Date(due).toISOString() }),
      });
      if (!answer.ok) throw new Error(`${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as { jobId: string };
    },
  };
}

async function begunBefore({ db }: World, jobIds: string[], instant: Date): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    'select count(*)::int as count from runs where job_id = any($1::uuid[]) and started_at < $2',
    [jobIds, instant],
  );
  return rows[0]?.count ?? 0;
}

async function begunAtOf({ db }: World, jobId: string): Promise<Date> {
  const { rows } = await db.query<{ started_at: Date }>('select started_at from runs where job_id = $1', [jobId]);
  const [row] = rows;
  if (!row) throw new Error(`job ${jobId} has no run`);
  return row.started_at;
}
