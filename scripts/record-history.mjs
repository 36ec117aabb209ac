// `npm run record:history -- JOB_ID NAME`: keeps the Temporal history of a job's workflow (or, with `run/RUN_ID`, of a run's
// that went on beside others), for the replay test. Against
// what `npm start` runs, or TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE.
import { writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const [jobId, name] = process.argv.slice(2);
if (!jobId || !/^[a-z0-9-]+$/.test(name ?? '')) {
  console.error('Usage: npm run record:history -- JOB_ID NAME (lower case letters, digits, "-")');
  process.exit(2);
}
const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
const client = new Client({ connection, namespace: process.env.TEMPORAL_NAMESPACE ?? 'default' });
const history = await client.workflow.getHandle(jobId.startsWith('run/') ? jobId : `job/${jobId}`).fetchHistory();
await connection.close();

// A stack trace tells where the recording machine keeps its files, and an identity its name; a replay needs neither.
const json = JSON.parse(historyToJSON(history), (key, value) => {
  if (key === 'stackTrace') return '';
  return key === 'identity' ? 'recorded' : value;
});
const file = new URL(`../test/replay/histories/${name}.json`, import.meta.url);
await writeFile(file, `${JSON.stringify(json, null, 1)}\n`);
console.log(`Recorded ${json.events.length} events in test/replay/histories/${name}.json`);
