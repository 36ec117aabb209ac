import { spawnSync } from 'node:child_process';

/** A plugin cannot be used. The message is a sentence for the operator: which plugin, which file, and why. */
export class PluginError extends Error {
  override readonly name = 'PluginError';

  /** @param file what of the plugin is at fault; left out where none was found */
  constructor(plugin: string, file: string | undefined, reason: string, cause?: unknown) {
    super(`The plugin ${JSON.stringify(plugin)}${file === undefined ? '' : ` (${file})`} cannot be used: ${reason}`, {
      cause,
    });
  }
}

/** Why a module could not be loaded, on one line: with the place of a syntax error, and without a stack. */
export function whyNotLoaded(error: unknown, file: string): string {
  const { name, message } = (error ?? {}) as Partial<Error>;
  if (typeof name !== 'string' || typeof message !== 'string') return `it threw ${String(error)}`;
  const line = name === 'SyntaxError' ? lineOfSyntaxError(file) : undefined;
  return `${name}: ${message.split('\n', 1)[0]}${line === undefined ? '' : ` (line ${line})`}`;
}

/** Node gives the place of a syntax error only where it prints it: so have it printed. */
function lineOfSyntaxError(file: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['--check', file], { encoding: 'utf8', env: {}, timeout: 10_000 });
  const [place] = stderr.split('\n', 1);
  return /:(\d+)$/.exec(place ?? '')?.[1];
}
