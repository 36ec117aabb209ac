import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { installedDefinitions } from './installed-handlers.js';
import { loadPluginHandlers } from './plugins/index.js';
import { checkHandlers, handlersOf } from './worker-handlers.js';
import { startDatabaseClock } from './platform/clock.js';
import { readWorkerConfig } from './platform/config.js';
import { runEntry } from './platform/entry.js';
import { startHealthServer } from './platform/health-server.js';
import { createLogger } from './platform/logging.js';
import { createMetrics } from './platform/metrics.js';
import { registerSearchAttributes } from './platform/search-attributes.js';
import { createTemporalClient, temporalConnectionOptions } from './platform/temporal-connection.js';
import { version } from './platform/version.js';
import { instanceKeysOf } from './security/encryption/instance-keys.js';
import { createVault } from './security/encryption/vault.js';
import { startRounds } from './platform/rounds.js';
import { openDatabase } from './store/database.js';
import { readEndedRuns } from './store/run-facts.js';
import { readDatabaseTime } from './store/time.js';
import { observeDispatch, observeRuns } from './platform/observe.js';
import { nodeName } from './worker/node.js';
import { startNode } from './worker/run-worker.js';
import { temporalLogger } from './worker/temporal-logger.js';

/** How often a worker looks for what dead workers have left on its machine, in milliseconds. */
const SWEEP_EVERY_MS = 60_000;

/** A worker: schedules jobs, executes their runs, or both. */
await runEntry('worker', readWorkerConfig, createLogger, async (config, logger) => {
  checkHandlers(config);
  const installed = await installedDefinitions(config.plugins);
  const plugins = await loadPluginHandlers(installed.plugins, config.pluginProcess);
  // The SDK would end the process by its own idea of a signal.
  Runtime.install({ logger: temporalLogger(logger), shutdownSignals: [] });

  const metrics = createMetrics({ process: true });
  const db = openDatabase({
    url: config.databaseUrl,
    maxConnections: config.databaseConnections,
    applicationName: 'carillon-worker',
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  const clock = await startDatabaseClock(
    () => readDatabaseTime(db),
    (error) => logger.warn({ err: error }, 'the database clock could not be read'),
  );
  const connection = await NativeConnection.connect(await temporalConnectionOptions(config.temporal));
  const client = await createTemporalClient(config.temporal);
  if (config.role !== 'executor') await registerSearchAttributes(client);

  const vault = createVault(instanceKeysOf(config.encryptionKeys));
  const name = nodeName();
  const handlers = handlersOf(config, { db, vault, now: () => clock.now(), node: name, plugins });
  const node = await startNode(
    {
      name,
      db,
      vault,
      clock,
      client,
      connection,
      namespace: config.temporal.namespace,
      handlers,
      observer: observeRuns(metrics),
      onDispatched: observeDispatch(metrics, clock),
      logger,
      version,
    },
    { ...config, workflowBundle: fileURLToPath(new URL('./workflow-bundle.js', import.meta.url)) },
  );
  logger.info({ node: node.name, role: config.role }, 'the worker is at work');

  const sweep = () => handlers.sweep((runIds) => readEndedRuns(db, runIds));
  const notSwept = (error: unknown) =>
    logger.warn({ err: error }, 'what dead workers left was not looked for everywhere; it will be');
  sweep().catch(notSwept);
  const sweeping = startRounds(SWEEP_EVERY_MS, sweep, notSwept);

  let isReady = true;
  const health =
    config.healthPort === undefined
      ? undefined
      : await startHealthServer({ host: config.host, port: config.healthPort, metrics, isReady: () => isReady });
  node.ended.catch((error: unknown) => {
    logger.fatal({ err: error }, 'the worker failed');
    process.kill(process.pid, 'SIGTERM');
  });

  return async () => {
    isReady = false;
    await sweeping.stop();
    await node.stop();
    await handlers.close();
    await health?.stop(0);
    clock.stop();
    await connection.close();
    await db.close();
  };
});
