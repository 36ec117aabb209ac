import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot, readDevConfig } from '../../src/platform/embedded/dev-config.js';
import { freePort } from '../../src/platform/embedded/ports.js';
import { type Dev, type DevPorts, freePorts, livingServices, startDev } from '../support/dev.js';
import { eventually } from '../support/eventually.js';
import { openShell, type Shell } from '../support/shell.js';
import { temporaryDir } from '../support/temporary-dir.js';

/** The tour of the README, as a reader would take it: its commands, in their order, on other ports and another folder. */

type Json = Record<string, unknown>;

const tour = between(readFileSync(path.join(projectRoot, 'README.md'), 'utf8'), '## A tour', '## The API');
const blocks = new Map(
  [...tour.matchAll(/<!-- tour: (\S+) -->\n+```sh\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
);
const taken = new Set<string>();

let dataDir: string;
let ports: DevPorts;
let replacements: [string, string][];
let dev: Dev;
let sink: ChildProcess;
let sinkOutput = '';
let shell: Shell;

beforeAll(async () => {
  dataDir = temporaryDir('readme');
  ports = await freePorts();
  const sinkPort = String(await freePort());
  const usual = readDevConfig({});
  replacements = [
    [`127.0.0.1:${usual.port}`, `127.0.0.1:${ports.PORT}`],
    [`127.0.0.1:${usual.temporalPort}`, `127.0.0.1:${ports.TEMPORAL_PORT}`],
    ['9000', sinkPort],
    [`${path.relative(projectRoot, usual.dataDir)}/admin-key`, `'${dataDir}/admin-key'`],
  ];
});

afterAll(async () => {
  await shell?.close();
  if (sink?.kill()) await once(sink, 'exit');
  dev?.signal('SIGINT');
  await dev?.ended;
});

function between(text: string, from: string, to: string): string {
  return text.slice(text.indexOf(from), text.indexOf(to));
}

/** The commands of a block, with this test's ports and folder. */
function block(name: string): string {
  const text = blocks.get(name);
  if (text === undefined) throw new Error(`README.md has no commands marked "tour: ${name}"`);
  taken.add(name);
  return replacements.reduce((all, [from, to]) => all.replaceAll(from, to), text).trim();
}

/** Runs a block; what each of its calls answered. A new answer begins at the margin, what is within one is indented. */
async function answers(name: string): Promise<Json[]> {
  const output = await shell.run(block(name));
  return output.split(/\n(?=[{[])/).map((text) => JSON.parse(text) as Json);
}

async function answer<Answer = Json>(name: string): Promise<Answer> {
  const [only] = await answers(name);
  return only as Answer;
}

interface Run {
  runId: string;
  scheduledFor: string;
  outcome: string;
}

test('npm start brings up Carillon, and the tour can begin', async () => {
  const [, variable = '', value = ''] = /^(\w+)=(\S+) npm start$/.exec(block('start')) ?? [];
  dev = startDev(dataDir, { ...ports, [variable]: value });
  const [program, ...args] = block('sink').split(' ');
  expect(program).toBe('node');
  sink = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'inherit'] });
  sink.stdout?.on('data', (chunk: Buffer) => (sinkOutput += chunk.toString()));
  await dev.ready();
  await eventually(() => expect(sinkOutput).toContain('Listening'));

  const { PATH, HOME, TEMPORAL_CLI_PATH } = process.env;
  shell = openShell(projectRoot, { PATH, HOME, TEMPORAL_CLI_PATH });
  expect(await shell.run(block('settings'))).toBe('');
}, 120_000);

test('a one-time job calls the sink within its second, and not before', async () => {
  const { jobId, status } = await answer('submit');
  expect(status).toBe('submitted');
  await eventually(() => expect(sinkOutput).toContain('{"day":"today"}'));
  const [, calledAt = '', request = ''] = /^(\S+Z) (.*)$/m.exec(sinkOutput) ?? [];
  const headers = Object.fromEntries(
    [...sinkOutput.matchAll(/^ {2}([\w-]+): (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  expect(request).toBe('POST /report');
  const lateMs = Date.parse(calledAt) - Date.parse(headers['x-carillon-scheduled-for'] ?? '');
  expect(lateMs).toBeGreaterThanOrEqual(0);
  expect(lateMs).toBeLessThan(1_000);

  await eventually(async () => expect(await answer('status')).toMatchObject({ jobId, status: 'completed' }));
  const runs = await answer<Run[]>('run');
  expect(runs).toEqual([expect.objectContaining({ outcome: 'completed', attempts: 1 })]);
  expect(runs[0]).toMatchObject({ runId: headers['idempotency-key'], result: { status: 200, truncated: false } });
}, 60_000);

test('a recurring job runs three times, and tells of it', async () => {
  expect(await answer('recur')).toMatchObject({ status: 'submitted' });
  await eventually(async () => {
    const runs = await answer<Run[]>('ledger');
    expect(runs.map((run) => run.outcome)).toEqual(['completed', 'completed', 'completed']);
  });
  const { logs } = await answer('logs');
  const line = expect.objectContaining({ message: '{"message":"tick"}', level: 'info' });
  expect(logs).toEqual([line, line]);
}, 60_000);

test('paused, it does not run; resumed, it makes up for the last run', async () => {
  const [paused, standing] = await answers('pause');
  expect(paused).toMatchObject({ status: 'paused' });
  expect(standing).toMatchObject({ status: 'paused' });
  const last = standing?.['lastRun'] as Run;
  const thirdAfterIt = Date.parse(last.scheduledFor) + 3 * 2_000;
  await eventually(() => expect(Date.now()).toBeGreaterThan(thirdAfterIt));
  const [newest] = await answer<Run[]>('ledger');
  expect(newest?.runId).toBe(last.runId);

  const [resumed, skipped] = await answers('resume');
  expect(resumed).toMatchObject({ status: 'resumed', caughtUp: 1 });
  expect(resumed?.['fires']).toBeGreaterThanOrEqual(3);
  const why = { outcome: 'skipped_paused', reason: expect.stringMatching(/^The job was paused: /) };
  expect(skipped).toEqual([expect.objectContaining(why)]);
  await eventually(async () => {
    const [run] = await answer<Run[]>('ledger');
    expect(run).toMatchObject({ outcome: 'completed', generation: 3 });
  });
}, 60_000);

test('updated, it runs at the new time, and when it is told to', async () => {
  const [updated, job] = await answers('update');
  expect(updated).toMatchObject({ status: 'updated' });
  expect(job).toMatchObject({ frequency: '30 9 * * MON-FRI', timezone: 'Europe/Lisbon', generation: 4 });
  expect(job?.['understoodAs']).toContain('every weekday at 09:30, Europe/Lisbon time');
  const next = new Date(String(job?.['nextRunAt']));
  expect(next.toLocaleTimeString('en-GB', { timeZone: 'Europe/Lisbon' })).toBe('09:30:00');

  const { fires } = await answer('preview');
  expect((fires as Json[]).map(({ local }) => local)).toEqual([
    '2027-03-26T16:00:00+00:00',
    '2027-04-30T16:00:00+01:00',
  ]);
  expect(await answer('explain')).toMatchObject({ code: 'no_fire', after: '2027-01-04T09:30:00.000Z' });

  const { runId, status } = await answer('trigger');
  expect(status).toBe('triggered');
  await eventually(async () =>
    expect(await answer('by-hand')).toMatchObject({ runId, trigger: 'manual', outcome: 'completed' }),
  );
}, 60_000);

test('a signal sent by an operator shows in the API', async () => {
  expect(await shell.run(block('operator'))).toContain('Signal workflow succeeded');
  await eventually(async () => expect(await answer('paused-by-operator')).toMatchObject({ status: 'paused' }));
  // The first line names the columns.
  await eventually(async () =>
    expect((await shell.run(block('list-paused'))).trim()).toMatch(/^Status.*\n +Running +job\//),
  );
}, 60_000);

test('it can be cancelled twice, and then no more be paused', async () => {
  const cancelled = expect.objectContaining({ status: 'cancelled' });
  expect(await answers('cancel')).toEqual([cancelled, cancelled]);
  expect(await answer('conflict')).toMatchObject({ status: 409, code: 'conflict' });
}, 30_000);

test('a bad request names what is wrong with it, and without a key there is nothing to see', async () => {
  const { status, errors } = await answer('refuse');
  expect(status).toBe(422);
  expect((errors as Json[]).map(({ pointer }) => pointer)).toEqual(['/timezone', '/frequency']);
  expect(await answer('no-key')).toMatchObject({ status: 401, code: 'unauthenticated' });
}, 30_000);

test('all commands of the tour were run', () => {
  expect([...taken].toSorted()).toEqual([...blocks.keys()].toSorted());
  expect(tour.match(/^```sh$/gm)).toHaveLength(blocks.size);
});

test('Ctrl-C stops everything', async () => {
  dev.signal('SIGINT');
  expect(await dev.ended).toBe(0);
  expect(livingServices(dataDir)).toEqual([]);
}, 30_000);
