// `npm run workflows:current`: which builds of the workflow code there are, and which of them Temporal gives the workflows to.
// `npm run workflows:current -- BUILD_ID`: gives them to that one, until a newer one starts. With `none`: to workers without a
// build, before a rollback to a release that knows no builds. It takes the variables of a worker.
import { rollBackTo } from '../dist/worker/current-build.js';
import { makeCurrent, readCurrentBuild } from '../dist/worker/deployment.js';
import { readWorkerConfig } from '../dist/platform/config.js';
import { createTemporalClient } from '../dist/platform/temporal-connection.js';
import { openDatabase } from '../dist/store/database.js';
import { readDatabaseTime } from '../dist/store/time.js';
import { readBuilds } from '../dist/store/workflow-builds.js';

const [wanted] = process.argv.slice(2);
let db;
let client;
try {
  const config = readWorkerConfig();
  db = openDatabase({ url: config.databaseUrl, maxConnections: 2, applicationName: 'carillon-workflows-current' });
  client = await createTemporalClient(config.temporal);
  const now = await readDatabaseTime(db);
  if (wanted === 'none') await makeCurrent(client, null, 'workflows:current');
  else if (wanted !== undefined) await rollBackTo({ db, client, clock: { now: () => now } }, wanted);
  const current = await readCurrentBuild(client);
  if (current === undefined) console.log('This Temporal knows no worker deployments.');
  for (const { id, since, seenAt } of await readBuilds(db)) {
    const seen = `since ${new Date(since).toISOString()}, a scheduler seen ${new Date(seenAt).toISOString()}`;
    console.log(`${id === current ? '*' : ' '} ${id}  ${seen}`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await client?.connection.close();
  await db?.close();
}
