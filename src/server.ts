import { setTimeout as delay } from 'node:timers/promises';
import { createApp } from './api/app.js';
import { createReadiness } from './api/readiness.js';
import { startDispatcher } from './dispatch/dispatcher.js';
import { DEFAULT_PROJECT_ID } from './domain/ids.js';
import { allowedDefinitions } from './handlers/definitions.js';
import { installedDefinitions } from './installed-handlers.js';
import { startDatabaseClock } from './platform/clock.js';
import { readServerConfig } from './platform/config.js';
import { runEntry } from './platform/entry.js';
import { listen } from './platform/http-server.js';
import { createLogger } from './platform/logging.js';
import { createMetrics } from './platform/metrics.js';
import { startRounds } from './platform/rounds.js';
import { createTemporalClient, isTemporalReachable } from './platform/temporal-connection.js';
import { followTlsFiles, readTlsFiles } from './platform/tls-files.js';
import { version } from './platform/version.js';
import { ensureAdminKey } from './security/admin-key.js';
import { createAuthenticator } from './security/authenticator.js';
import { instanceKeysOf } from './security/encryption/instance-keys.js';
import { createVault } from './security/encryption/vault.js';
import { startKeyUse } from './security/key-use.js';
import { startRateLimits } from './security/rate-limits.js';
import { openDatabase } from './store/database.js';
import { forgetCalls } from './store/idempotent-calls.js';
import { countUndispatched } from './store/job-reads.js';
import { readProject } from './store/projects.js';
import { readDatabaseTime } from './store/time.js';
import { observeDispatch } from './platform/observe.js';

const DISPATCH_GRACE_MS = 1_000;
const FORGET_CALLS_EVERY_MS = 10 * 60_000;

/** The API: takes jobs in as long as the database is there, and hands them to Temporal as soon as that is there, too. */
await runEntry('api', readServerConfig, createLogger, async (config, logger) => {
  const tls = config.tls && (await readTlsFiles(config.tls));
  const installed = await installedDefinitions(config.plugins);
  const db = openDatabase({
    url: config.databaseUrl,
    maxConnections: config.databaseConnections,
    applicationName: 'carillon-api',
    onError: (error) => logger.warn({ err: error }, 'an idle database connection broke'),
  });
  const clock = await startDatabaseClock(
    () => readDatabaseTime(db),
    (error) => logger.warn({ err: error }, 'the database clock could not be read'),
  );
  // Calls act as a role: a database user that may not is told of now, not by each call.
  await readProject(db.forProject(DEFAULT_PROJECT_ID), DEFAULT_PROJECT_ID);
  await ensureAdminKey({ db, logger, now: clock.now(), adminKey: config.adminKey, adminKeyFile: config.adminKeyFile });

  const metrics = createMetrics({ process: true, countUndispatched: () => countUndispatched(db) });
  const client = await createTemporalClient(config.temporal);
  const dispatcher = startDispatcher({ db, clock, client, logger, onDispatched: observeDispatch(metrics, clock) });
  const readiness = createReadiness({
    db,
    now: () => clock.now(),
    isTemporalReachable: (withinMs) => isTemporalReachable(client, withinMs),
  });
  const keyUse = startKeyUse({ db, now: () => clock.now(), logger });
  const rateLimits = startRateLimits(config.rateLimits, { db, now: () => clock.now(), logger });
  const app = createApp({
    commands: {
      db,
      clock,
      vault: createVault(instanceKeysOf(config.encryptionKeys)),
      ...allowedDefinitions(installed.all, config.allow),
      onCommitted: () => dispatcher.poke(),
    },
    authenticator: createAuthenticator({
      db,
      now: () => clock.now(),
      logger,
      oidc: config.oidc,
      onUsed: keyUse.note,
    }),
    rateLimits,
    trustedProxies: config.trustedProxies,
    logger,
    metrics,
    readiness,
    version,
    isHttps: tls !== undefined,
    corsOrigins: config.corsOrigins,
  });
  const server = await listen(app, { host: config.host, port: config.port, portVariable: 'PORT', tls });
  const certificate =
    config.tls && tls && followTlsFiles(config.tls, tls, { onChange: (files) => server.secureWith(files), logger });
  const housekeeping = startRounds(
    FORGET_CALLS_EVERY_MS,
    () => forgetCalls(db, clock.now()),
    (error) => logger.warn({ err: error }, 'old answers to idempotent requests could not be removed'),
  );
  logger.info({ url: server.url, version }, 'the API is listening');

  return async () => {
    readiness.stopping();
    await server.stop(config.shutdownGraceMs);
    // What Temporal has not answered by then stays in the database, for another server or the next start. Its connection
    // is left to the end of the process: the SDK throws from a timer when it retries a call on one that was closed.
    await Promise.race([dispatcher.stop(), delay(DISPATCH_GRACE_MS)]);
    rateLimits.stop();
    await keyUse.stop();
    await Promise.all([certificate?.stop(), housekeeping.stop()]);
    clock.stop();
    await db.close();
  };
});
