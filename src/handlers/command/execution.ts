import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { RunContext } from '../handler.js';
import { killMarked } from '../shared/processes.js';
import { createProgramOutput, type ProgramOutput } from '../shared/program-output.js';
import { MAX_OUTPUT_BYTES } from '../shared/run-limits.js';
import { sizeBytes } from '../shared/size.js';
import { stdinText, type CommandPayload } from './definition.js';
import { environmentFor, RUN_FOLDER_VARIABLE } from './environment.js';
import { endFailure, startFailure } from './failure.js';
import { endOfGroup, type Ended, type Leader } from './process-group.js';
import { programOf } from './program.js';
import { progressOf } from './progress.js';
import { resultOf, type CommandResult } from './result.js';
import { mustBeFolder } from './run-folder.js';
import { openStandardStreams, type Owner, type StandardStreams } from './standard-streams.js';
import { start } from './start.js';
import { printableText } from './text.js';

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
  const output = outputOf(context, payload);

  const stdin = payload.stdin === undefined ? undefined : stdinText(payload.stdin);
  const streams = await openStandardStreams(folder, stdin, options);
  const leader = await start(program, streams, surroundings).catch((error: unknown) => {
    closeAll(streams);
    throw startFailure(error, payload);
  });
  read(streams.stdout, output.stdout);
  read(streams.stderr, output.stderr);

  const ended = await endOfAll(folder, leader, streams, context.signal);
  if (ended.wasStopped) context.signal.throwIfAborted();
  const failure = endFailure(ended, payload);
  if (failure) throw failure;
  return resultOf(ended.exitCode ?? 0, Math.round(performance.now() - startedAt), output);
}

function outputOf(context: RunContext, { limits }: CommandPayload): ProgramOutput {
  return createProgramOutput({
    log: context.log,
    maxLoggedBytes: sizeBytes(limits?.output ?? MAX_OUTPUT_BYTES) ?? 0,
    clean: printableText,
    takes(line) {
      const progress = progressOf(line);
      if (progress) context.progress(progress.fraction, progress.message);
      return progress !== undefined;
    },
  });
}

/** Reads a stream to its end. One that breaks is closed, and all of it that came is there. */
function read(stream: Socket, into: ProgramOutput['stdout']): void {
  stream
    .on('data', (chunk: Buffer) => into.push(chunk))
    .on('close', () => into.end())
    .on('error', () => undefined);
}

async function endOfAll(folder: string, leader: Leader, streams: StandardStreams, signal: AbortSignal): Promise<Ended> {
  try {
    const ended = await endOfGroup(leader, signal);
    killMarked(RUN_FOLDER_VARIABLE, folder);
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
