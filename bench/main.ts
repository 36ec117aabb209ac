import { accept } from './accept.js';
import { cancel } from './cancel.js';
import { cpu } from './cpu.js';
import { events } from './events.js';
import { fairness } from './fairness.js';
import { gateway } from './gateway.js';
import { lateness } from './lateness.js';
import { preview } from './preview.js';
import { projects } from './projects.js';
import { spread } from './spread.js';
import { takeover } from './takeover.js';
import { start } from './start.js';
import { newPlace, withWorld, type World } from './support/carillon.js';
import { machineBusyMs, treeCpuMs } from './support/cpu.js';
import { markdownOf, sectionOf, writeReadme, type Report, type Section } from './support/report.js';
import os from 'node:os';

/** In this order: the last one leaves the system with thousands of sleeping jobs. */
const benchmarks: Record<string, (world: World) => Promise<Report>> = {
  preview,
  gateway,
  projects,
  lateness,
  events,
  cpu,
  cancel,
  takeover,
  spread,
  fairness,
  accept,
};

const names = ['start', ...Object.keys(benchmarks)];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : names;
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) throw new Error(`There is no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}.`);

const place = await newPlace();
try {
  const startedAt = performance.now();
  const [busyBefore, oursBefore] = [machineBusyMs(), treeCpuMs([process.pid])];
  const sections: Section[] = [];
  const run = async (name: string, measure: () => Promise<Report>): Promise<void> => {
    if (!wanted.includes(name)) return;
    console.log(`Measuring ${name} ...`);
    const section = { name, ...(await measure()) };
    console.log(`\n${sectionOf(section)}\n`);
    sections.push(section);
  };
  await run('start', () => start(place));
  let versions: string[] = [];
  if (wanted.some((name) => name in benchmarks)) {
    await withWorld(place, async (world) => {
      versions = await versionsOf(world);
      for (const [name, measure] of Object.entries(benchmarks)) await run(name, () => measure(world));
    });
  }
  const tookMs = performance.now() - startedAt;
  const ours = treeCpuMs([process.pid]) - oursBefore;
  const others = machineBusyMs() - busyBefore - ours;
  const share = (ms: number): string => `${((ms * 100) / (tookMs * os.availableParallelism())).toFixed(0)} %`;
  const noise = `The run took ${(tookMs / 1000).toFixed(0)} s. It used ${share(ours)} of the machine's CPU, and everything else on it ${share(others)}: the more of that, the less the figures themselves say; ratios hold.`;
  const markdown = markdownOf(sections, versions, noise);
  console.log(noise);
  if (wanted.length === names.length) writeReadme(markdown);
} finally {
  place.remove();
}

async function versionsOf({ db, temporal }: World): Promise<string[]> {
  const { rows } = await db.query<{ version: string }>("select current_setting('server_version') as version");
  const { serverVersion } = await temporal.workflowService.getSystemInfo({});
  return [`Node ${process.versions.node}`, `Postgres ${rows[0]?.version}`, `Temporal ${serverVersion}`];
}
