import sql from 'sql-template-tag';
import { putCalendar, submitJob, type CommandPorts } from '../../src/commands/index.js';
import type { SubmitJob } from '../../src/contract/messages.js';
import { DEFAULT_PROJECT_ID } from '../../src/domain/ids.js';
import { builtinDefinitions } from '../../src/handlers/definitions.js';
import { openDatabase, type Database } from '../../src/store/database.js';
import { jobColumns, toJobRecord, type JobRecord, type JobRow } from '../../src/store/job-record.js';
import { createTestDatabase } from './database.js';
import { testVault } from './encryption.js';

/** The commands on a database of their own, by a clock that stands. Nothing dispatches what is submitted. */
export interface CommandsBench {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly ports: CommandPorts;
  readonly caller: { projectId: string; actor: string };
  /** The time, in epoch milliseconds. */
  now: number;
  /** The same commands through another view of the database. */
  through(db: Database): CommandPorts;
  /** A recurring job of each noon, in UTC, but for what is given. */
  submit(given?: Partial<SubmitJob>): Promise<string>;
  /** Makes these dates the days of a calendar. */
  putDates(name: string, dates: string[], db?: Database): Promise<unknown>;
  job(jobId: string): Promise<JobRecord>;
  close(): Promise<void>;
}

export const NEW_YEAR = Date.parse('2027-01-01T00:00:00Z');

export async function commandsBench(maxConnections = 8): Promise<CommandsBench> {
  const database = await createTestDatabase();
  const db = openDatabase({ url: database.url, maxConnections, applicationName: 'test' });
  const definitions = new Map(builtinDefinitions.map((definition) => [definition.name, definition]));
  const caller = { projectId: DEFAULT_PROJECT_ID, actor: 'test' };
  const through = (view: Database): CommandPorts => ({
    db: view,
    vault: testVault,
    clock: { now: () => bench.now },
    definitions,
    onCommitted: () => undefined,
  });
  const bench: CommandsBench = {
    db,
    databaseUrl: database.url,
    ports: through(db),
    caller,
    now: NEW_YEAR,
    through,
    async submit(given = {}) {
      const job = { jobName: 'daily', jobType: 'recurring', frequency: '0 12 * * *', ...given } as const;
      return (await submitJob(bench.ports, caller, job)).jobId;
    },
    putDates: (name, dates, view = db) => putCalendar(through(view), caller, name, { dates }),
    async job(jobId) {
      const [row] = await db.query<JobRow>(sql`select ${jobColumns()} from jobs where id = ${jobId}`);
      if (!row) throw new Error(`no job ${jobId}`);
      return toJobRecord(row);
    },
    async close() {
      await db.close();
      await database.drop();
    },
  };
  return bench;
}
