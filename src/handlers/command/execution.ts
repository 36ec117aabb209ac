import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunContext } from '../handler.js';
import { stdinText, type CommandPayload } from './definition.js';
import { environmentFor } from './environment.js';
import { endFailure, startFailure } from './failure.js';
import { MAX_OUTPUT_BYTES } from './limits.js';
import { createOutput } from './output.js';
import { endOfGroup, type Ended, type Leader } from './process-group.js';
import { programOf } from './program.js';
import { resultOf, type CommandResult } from './result.js';
import { mustBeFolder } from './run-folder.js';
import { sizeBytes } from './size.js';
import { openStandardStreams, type Owner, type StandardStreams } from './standard-streams.js';
import { start } from './start.js';
import { killStragglers } from './stragglers.js';

/** How long is read on when all processes are gone: a stream may have come into other hands, and then never ends. */
const READ_ON_MS = 1_000;

/** Runs a command to its end, with `folder` as its home. */
export async function runIn(
  folder: string,
  context: RunContext,
  payload: CommandPayload,
  options: { path: string; owner: Owner | undefined },
): Promise<CommandResult> {
  const startedAt = performance.now();
  const program = programOf(payload);
  if (payload.workingFolder !== undefined) await mustBeFolder(payload.workingFolder);
  const surroundings = {
    workingFolder: payload.workingFolder ?? folder,
    environment: environmentFor(context, payload, folder, options.path),
    owner: options.owner,
  };
  const output = createOutput(context, sizeBytes(payload.limits?.output ?? MAX_OUTPUT_BYTES) ?? 0);

  const stdin = payload.stdin === undefined ? undefined : stdinText(payload.stdin);
  const streams = await openStandardStreams(folder, stdin, options);
  const leader = await start(program, streams, surroundings).catch((error: unknown) => {
    closeAll(streams);
    throw startFailure(error, payload);
  });
  output.read('stdout', streams.stdout);
  output.read('stderr', streams.stderr);

  const ended = await endOfAll(folder, leader, streams, context.signal);
  if (ended.wasStopped) context.signal.throwIfAborted();
  const failure = endFailure(ended, payload);
  if (failure) throw failure;
  return resultOf(ended.exitCode ?? 0, Math.round(performance.now() - startedAt), output);
}

async function endOfAll(folder: string, leader: Leader, streams: StandardStreams, signal: AbortSignal): Promise<Ended> {
  try {
    const ended = await endOfGroup(leader, signal);
    await killStragglers(folder);
    const readOn = delay(READ_ON_MS, undefined, { ref: false });
    await Promise.race([Promise.allSettled([finished(streams.stdout), finished(streams.stderr)]), readOn]);
    return ended;
  } finally {
    closeAll(streams);
  }
}

function closeAll({ stdout, stderr }: StandardStreams): void {
  stdout.destroy();
  stderr.destroy();
}
