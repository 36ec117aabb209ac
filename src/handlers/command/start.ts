import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Leader } from './process-group.js';
import type { Program } from './program.js';
import type { Owner, StandardStreams } from './standard-streams.js';

export interface Surroundings {
  readonly workingFolder: string;
  readonly environment: Record<string, string>;
  readonly owner: Owner | undefined;
}

/**
 * Starts a program at the head of a process group of its own. Closes our copies of its streams, whether it
 * started or not.
 *
 * @throws the system's error, as `spawn` has it
 */
export async function start(program: Program, streams: StandardStreams, surroundings: Surroundings): Promise<Leader> {
  const { workingFolder, environment, owner } = surroundings;
  try {
    const child = spawn(program.file, program.args, {
      shell: false,
      detached: true,
      cwd: workingFolder,
      env: environment,
      stdio: [...streams.theirs],
      // Node drops the supplementary groups, too.
      ...owner,
    });
    const exited = new Promise<Awaited<Leader['exited']>>((resolve) => {
      child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
    });
    await once(child, 'spawn');
    // A later error is about a message or a signal that could not be sent, and we send neither by it.
    child.on('error', () => undefined);
    if (child.pid === undefined) throw new Error('A process that has started has no id.');
    return { pid: child.pid, exited };
  } finally {
    streams.closeTheirs();
  }
}
