import { readdirSync, readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import type { CommandPayload } from '../../src/handlers/command/definition.js';
import { createCommandHandler, type CommandHandlerOptions } from '../../src/handlers/command/handler.js';
import type { CommandResult } from '../../src/handlers/command/result.js';
import type { RunContext } from '../../src/handlers/handler.js';
import { temporaryDir } from '../support/temporary-dir.js';
import { type Line, runContext } from './support.js';

/** A run's context that keeps what is logged and told. */
export function commandContext(
  signal?: AbortSignal,
): RunContext & { lines: Line[]; told: [fraction: number, message: string | undefined][] } {
  const told: [number, string | undefined][] = [];
  return {
    ...runContext(signal),
    told,
    progress: (fraction, message) => void told.push([fraction, message]),
  };
}

/** A command handler with a folder for its runs, of which nothing must be left. */
export function commands(options: CommandHandlerOptions = {}) {
  const runFolders = temporaryDir('runs');
  const handler = createCommandHandler({ runFolders, ...options });
  return {
    runFolders,
    nothingIsLeft: () => expect(readdirSync(runFolders)).toEqual([]),
    async run(payload: CommandPayload, context: RunContext = commandContext()): Promise<CommandResult> {
      return (await handler.run(context, handler.definition.payloadSchema.parse(payload))) as CommandResult;
    },
  };
}

/** Whether a process is there and no zombie: one that nobody waits for is as good as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return status.slice(status.lastIndexOf(')') + 2).startsWith('Z');
  } catch {
    return false;
  }
}

/** The messages logged at a level. */
export const messages = (lines: readonly Line[], level: Line['level']): string[] =>
  lines.filter((line) => line.level === level).map((line) => line.message);
