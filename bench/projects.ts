import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot, type World } from './support/carillon.js';
import type { Report } from './support/report.js';

const READS = 1_000;
const ROUNDS = 10;

/** The parts of the store, as they are built. */
interface Parts {
  openDatabase(options: object): Database;
  readJobStanding(by: unknown, projectId: string, jobId: string): Promise<object | undefined>;
}

interface Database {
  forProject(projectId: string): unknown;
  close(): Promise<void>;
}

/** What it costs to read a job's status as its project, on one connection, beside reading it as the system does. */
export async function projects(world: World): Promise<Report> {
  const { openDatabase, readJobStanding } = await load();
  const db = openDatabase({ url: world.place.databaseUrl(), maxConnections: 1, applicationName: 'benchmark' });
  try {
    const [ours, theirs] = await newJobs(world);
    const read = ({ projectId, jobId }: Job, by: unknown = db.forProject(projectId)) =>
      readJobStanding(by, projectId, jobId);
    const ways: Record<Way, (turn: number) => Promise<unknown>> = {
      system: () => read(ours, db),
      project: () => read(ours),
      inTurn: (turn) => read(turn % 2 === 0 ? ours : theirs),
      besideSystem: (turn) => (turn % 2 === 0 ? read(ours, db) : read(ours)),
    };
    const tookMs = await inRounds(ways);
    const ratio = (way: Way) => `${tookMs[way].toFixed(3)} (${(tookMs[way] / tookMs.system).toFixed(2)} × the system)`;
    return {
      rows: [
        { what: 'a status read by the system (ms)', carillon: tookMs.system.toFixed(3) },
        {
          what: 'the same by its project (ms)',
          carillon: ratio('project'),
          target: '≤ 1.25 × the system',
          met: tookMs.project <= 1.25 * tookMs.system,
        },
        { what: 'by two projects in turn (ms)', carillon: ratio('inTurn') },
        { what: 'by the system and a project in turn (ms)', carillon: ratio('besideSystem') },
      ],
      notes: [
        `Medians of ${ROUNDS} rounds of ${READS} reads each way, one after another on one connection: in the last two rows it changes hands at each read.`,
      ],
    };
  } finally {
    await db.close();
  }
}

type Way = 'system' | 'project' | 'inTurn' | 'besideSystem';

/** For each way the milliseconds of one read; the ways in turn, so that what else the machine does meets all alike. */
async function inRounds(ways: Record<Way, (turn: number) => Promise<unknown>>): Promise<Record<Way, number>> {
  const names = Object.keys(ways) as Way[];
  const rounds: Record<Way, number[]> = { system: [], project: [], inTurn: [], besideSystem: [] };
  // One more at first, which is not counted: connections and plans are made in it.
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const name of names) {
      const startedAt = performance.now();
      for (let turn = 0; turn < READS; turn += 1) if (!(await ways[name](turn))) throw new Error('a job is not there');
      if (round > 0) rounds[name].push((performance.now() - startedAt) / READS);
    }
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  return Object.fromEntries(names.map((name) => [name, median(rounds[name])])) as Record<Way, number>;
}

interface Job {
  projectId: string;
  jobId: string;
}

/** A job, and another project with one like it. */
async function newJobs({ submit, db }: World): Promise<[Job, Job]> {
  const jobId = await submit({ jobType: 'one-time', executionTime: '2099-01-01T00:00:00Z', handler: 'log' });
  const theirs = { projectId: randomUUID(), jobId: randomUUID() };
  await db.query(`insert into projects (id, slug, name) values ($1, 'benchmark', 'Benchmark')`, [theirs.projectId]);
  const { rows } = await db.query<{ project_id: string }>(
    `with job as (select * from jobs where id = $1), copy as (
      insert into jobs select copied.* from job, jsonb_populate_record(null::jobs, to_jsonb(job) || $2) copied returning 1
    ) select project_id from job`,
    [jobId, { id: theirs.jobId, project_id: theirs.projectId }],
  );
  return [{ projectId: rows[0]?.project_id ?? '', jobId }, theirs];
}

async function load(): Promise<Parts> {
  const files = ['store/database', 'store/job-reads'];
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(path.join(projectRoot, `dist/${file}.js`)).href) as Promise<object>),
  );
  return Object.assign({}, ...modules) as Parts;
}
