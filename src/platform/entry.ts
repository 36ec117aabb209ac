import { ConfigError, type CommonConfig } from './config.js';
import { describeError, flushLogs, type Logger } from './logging.js';

/** Ends what an entry started. */
export type Stop = () => Promise<void>;

/**
 * Runs a process from its configuration to its end: says what is wrong with the environment in sentences, stops in
 * order at SIGTERM and SIGINT (a second one ends it at once), and leaves no log line unwritten.
 */
export async function runEntry<Config extends CommonConfig>(
  service: string,
  readConfig: () => Config,
  makeLogger: (options: { service: string; level: string }) => Logger,
  start: (config: Config, logger: Logger) => Promise<Stop>,
): Promise<void> {
  let config: Config;
  try {
    config = readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    return;
  }
  const logger = makeLogger({ service, level: config.logLevel });
  for (const warning of config.warnings) logger.warn(warning);

  const end = async (code: number) => {
    await flushLogs(logger);
    process.exit(code);
  };
  const fail = (what: string) => (error: unknown) => {
    logger.fatal({ err: error }, what);
    void end(1);
  };
  process.on('uncaughtException', fail('an error was not caught'));

  let stop: Stop | undefined;
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping || !stop) {
      void end(1);
      return;
    }
    stopping = true;
    logger.info({ signal }, 'stopping');
    stop().then(() => {
      logger.info('stopped');
      return end(0);
    }, fail('the stop did not go well'));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);

  try {
    stop = await start(config, logger);
  } catch (error) {
    logger.fatal({ err: error }, 'the start failed');
    process.stderr.write(`${describeError(error).message}\n`);
    await end(1);
  }
}
