import { ConfigError, type Environment, readServerConfig, readWorkerConfig } from './platform/config.js';
import { checkHandlers } from './worker-handlers.js';
import { givenAdminKey } from './security/admin-key.js';

/**
 * Checks what the API and the worker will be given as they would themselves, so that what is wrong is said on the terminal
 * before anything is started.
 *
 * @returns a sentence for each thing that is set but means nothing
 * @throws ConfigError with all that is wrong
 */
export function checkSettings(env: Environment): string[] {
  const problems = new Set<string>();
  const server = withProblems(problems, () => readServerConfig(env));
  const worker = withProblems(problems, () => readWorkerConfig(env));
  const { adminKey } = server ?? {};
  if (adminKey !== undefined) withProblems(problems, () => givenAdminKey(adminKey));
  if (worker) withProblems(problems, () => checkHandlers(worker));
  if (problems.size > 0) throw new ConfigError([...problems]);
  return [...new Set([...(server?.warnings ?? []), ...(worker?.warnings ?? [])])];
}

function withProblems<T>(problems: Set<string>, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const sentences = error instanceof ConfigError ? error.sentences : [(error as Error).message];
    for (const sentence of sentences) problems.add(sentence);
    return undefined;
  }
}
