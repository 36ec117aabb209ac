import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';
import { MINUTE, SECOND } from '../shared/duration.js';
import { environmentBy } from '../shared/environment.js';
import { refuse } from '../shared/refuse.js';
import { shapeProblem } from '../shared/shape-problem.js';
import { KIB } from '../shared/size.js';
import { environmentRules } from './environment-rules.js';
import { limits } from './limits.js';

export const MAX_ARGUMENTS = 100;
/** Of the argument vector in all, or of the script, in bytes of UTF-8. */
export const MAX_COMMAND_BYTES = 32 * KIB;
export const MAX_STDIN_BYTES = 64 * KIB;
const MAX_PATH_LENGTH = 4_096;
const MAX_EXIT_CODE = 255;

const command = z
  .array(z.string({ error: 'Each entry of command must be a string.' }), {
    error: 'The command must be an array of strings: the program, then its arguments.',
  })
  .superRefine(refuse(commandProblem));

function commandProblem(argv: readonly string[]): string | undefined {
  if (argv.length === 0 || argv[0] === '') return 'The command must begin with the name or path of a program.';
  if (argv.length > MAX_ARGUMENTS) return `The command may have at most ${MAX_ARGUMENTS} entries.`;
  if (argv.some((entry) => entry.includes('\0'))) return 'The command may hold no NUL character.';
  const bytes = argv.reduce((sum, entry) => sum + Buffer.byteLength(entry), 0);
  return bytes > MAX_COMMAND_BYTES ? 'The command must be at most 32 KiB long.' : undefined;
}

const shell = z
  .string({ error: 'The shell script must be a string.' })
  .refine((text) => text.trim() !== '', { error: 'The shell script must not be empty.' })
  .refine((text) => !text.includes('\0'), { error: 'The shell script may hold no NUL character.' })
  .refine((text) => Buffer.byteLength(text) <= MAX_COMMAND_BYTES, {
    error: 'The shell script must be at most 32 KiB long.',
  });

const workingFolder = z
  .string({ error: 'The workingFolder must be a string.' })
  .refine((text) => text.startsWith('/') && text.length <= MAX_PATH_LENGTH && !text.includes('\0'), {
    error: 'The workingFolder must be an absolute path of at most 4,096 characters, without NUL.',
  });

const stdin = z.unknown().refine((value) => Buffer.byteLength(stdinText(value)) <= MAX_STDIN_BYTES, {
  error: 'The stdin must be at most 64 KiB long.',
});

/** What a program reads on its standard input: a string as it is, any other value as JSON. */
export function stdinText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

const exitCodes = (field: string) =>
  z
    .array(
      z
        .int({ error: `Each of ${field} must be a whole number from 0 to 255.` })
        .min(0, { error: `Each of ${field} must be a whole number from 0 to 255.` })
        .max(MAX_EXIT_CODE, { error: `Each of ${field} must be a whole number from 0 to 255.` }),
      { error: `The ${field} must be an array of whole numbers.` },
    )
    .max(MAX_EXIT_CODE + 1, { error: `The ${field} must be at most 256 numbers.` });

/** One program and how it is run. Nothing is transformed, so checking a stored payload again gives the same payload. */
export const commandPayload = z
  .strictObject(
    {
      command: command.optional().describe('The program and its arguments; no shell reads them'),
      shell: shell.optional().describe('Instead of command: a script for /bin/sh -c'),
      environment: environmentBy(environmentRules)
        .optional()
        .describe("Added to a clean environment: nothing of the worker's own is there"),
      workingFolder: workingFolder.optional().describe('An empty folder of the run if not given'),
      stdin: stdin.optional().describe('A string is sent as it is; any other JSON value is sent as JSON'),
      limits: limits.optional(),
      successExitCodes: exitCodes('successExitCodes')
        .min(1, { error: 'The successExitCodes must name at least one code.' })
        .optional()
        .describe('Exit codes that mean success: [0] if not given'),
      retryExitCodes: exitCodes('retryExitCodes')
        .optional()
        .describe('Exit codes worth another attempt: all but 126 and 127 if not given'),
    },
    {
      error: shapeProblem('The payload of a command job must be an object with command or shell.', 'A command job has'),
    },
  )
  .superRefine((payload, context) => {
    if ((payload.command === undefined) === (payload.shell === undefined))
      context.addIssue({ code: 'custom', message: 'Exactly one of command and shell must be given.' });
    const success = payload.successExitCodes ?? [0];
    if (payload.retryExitCodes?.some((code) => success.includes(code)))
      context.addIssue({
        code: 'custom',
        path: ['retryExitCodes'],
        message: 'A code of retryExitCodes cannot be one of successExitCodes, which are [0] if not given.',
      });
  });

export type CommandPayload = z.infer<typeof commandPayload>;

/** Runs a program on the worker's machine. */
export const commandDefinition: HandlerDefinition<CommandPayload> = {
  name: 'command',
  description: 'Runs a program or a shell script on the machine of a worker; exit code 0 is success.',
  payloadSchema: commandPayload,
  defaults: {
    timeoutMs: 60 * MINUTE,
    retry: { maxAttempts: 3, initialIntervalMs: 10 * SECOND, backoffCoefficient: 2, maxIntervalMs: 5 * MINUTE },
  },
  privileged: true,
};
