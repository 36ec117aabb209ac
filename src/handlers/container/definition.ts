import { z } from 'zod';
import type { HandlerDefinition } from '../handler.js';
import { MINUTE, SECOND } from '../shared/duration.js';
import { environmentBy } from '../shared/environment.js';
import { refuse } from '../shared/refuse.js';
import { shapeProblem } from '../shared/shape-problem.js';
import { KIB } from '../shared/size.js';
import { environmentRules } from './environment-rules.js';
import { MAX_IMAGE_LENGTH, parseImageReference } from './image-reference.js';
import { MAX_CPUS, MAX_PROCESSES, memoryBytes, MIN_CPUS } from './limits.js';

export const MAX_ARGUMENTS = 128;
export const MAX_ARGUMENT_LENGTH = 32 * KIB;
export const MAX_FOLDER_LENGTH = 4_096;

/** A name or number of the image's own, with a group or without: `1000`, `app`, `1000:1000`. */
const USER = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,31})?$/;
const PULL = ['missing', 'always', 'never'] as const;
const NETWORK = ['none', 'bridge'] as const;

const image = z.string({ error: 'The image must be given, as a string.' }).superRefine(
  refuse((text) => {
    if (text.length > MAX_IMAGE_LENGTH) return `The image must be at most ${MAX_IMAGE_LENGTH} characters long.`;
    if (parseImageReference(text)) return undefined;
    return 'The image must be a reference such as alpine:3.20 or registry.example.com/team/app@sha256:<64 digits>.';
  }),
);

/** Arguments of a program. Their values are never repeated in a message: they may hold secrets. */
const program = (field: string) =>
  z
    .array(z.string({ error: `Each part of the ${field} must be a string.` }), {
      error: `The ${field} must be a list of strings, such as ["sh", "-c", "date"].`,
    })
    .superRefine((parts, context) => {
      const add = (message: string): void => context.addIssue({ code: 'custom', message });
      if (parts.length < 1 || parts.length > MAX_ARGUMENTS) add(`The ${field} must have 1 to ${MAX_ARGUMENTS} parts.`);
      if (parts.some((part) => part.length > MAX_ARGUMENT_LENGTH))
        add(`A part of the ${field} is longer than 32,768 characters.`);
      if (parts.some((part) => part.includes('\0'))) add(`The ${field} must hold no NUL.`);
    });

const workingFolder = z
  .string({ error: 'The workingFolder must be a string.' })
  .max(MAX_FOLDER_LENGTH, { error: 'The workingFolder must be at most 4,096 characters long.' })
  .regex(/^\/[^\p{Cc}]*$/u, {
    error: 'The workingFolder must be an absolute path without control characters, such as /work.',
  });

const limits = z.strictObject(
  {
    memory: z
      .string({ error: 'The memory must be a size such as 512MiB or 2GiB.' })
      .refine((text) => memoryBytes(text) !== undefined, {
        error: 'The memory must be a size such as 512MiB or 2GiB, from 6MiB to 1024GiB.',
      })
      .optional()
      .describe('512MiB if not given'),
    cpus: z
      .number({ error: 'The cpus must be a number.' })
      .min(MIN_CPUS, { error: `The cpus must be from ${MIN_CPUS} to ${MAX_CPUS}.` })
      .max(MAX_CPUS, { error: `The cpus must be from ${MIN_CPUS} to ${MAX_CPUS}.` })
      .optional()
      .describe('1 if not given'),
    processes: z
      .int({ error: 'The processes must be a whole number.' })
      .min(1, { error: 'The processes must be from 1 to 32,768.' })
      .max(MAX_PROCESSES, { error: 'The processes must be from 1 to 32,768.' })
      .optional()
      .describe('Processes and threads: 256 if not given'),
  },
  { error: shapeProblem('The limits must be an object of memory, cpus and processes.', 'The limits have') },
);

/** One container. Nothing is transformed, so checking a stored payload again gives the same payload. */
export const containerPayload = z.strictObject(
  {
    image: image.describe('A reference; Docker Hub and the tag latest unless it says otherwise'),
    command: program('command').optional().describe("What the image's entrypoint gets; the image's own if not given"),
    entrypoint: program('entrypoint').optional().describe("The program; the image's own if not given"),
    environment: environmentBy(environmentRules).optional(),
    workingFolder: workingFolder.optional(),
    user: z
      .string({ error: 'The user must be a string.' })
      .regex(USER, { error: 'The user must be a name or number, with a group or without, such as 1000:1000.' })
      .optional(),
    limits: limits.optional(),
    network: z
      .enum(NETWORK, { error: 'The network must be none or bridge.' })
      .optional()
      .describe('none if not given: the container reaches nothing'),
    readOnly: z
      .boolean({ error: 'readOnly must be true or false.' })
      .optional()
      .describe('Whether only /tmp (64 MiB, in memory) can be written to; false if not given'),
    pull: z
      .enum(PULL, { error: 'The pull must be missing, always or never.' })
      .optional()
      .describe('missing if not given'),
  },
  { error: shapeProblem('The payload of a container job must be an object with an image.', 'A container job has') },
);

export type ContainerPayload = z.infer<typeof containerPayload>;

/** Runs a container to its end. */
export const containerDefinition: HandlerDefinition<ContainerPayload> = {
  name: 'container',
  description: 'Runs an image in a container of its own; exit code 0 is success. The end of its output is the result.',
  payloadSchema: containerPayload,
  privileged: true,
  defaults: {
    timeoutMs: 60 * MINUTE,
    retry: { maxAttempts: 3, initialIntervalMs: 5 * SECOND, backoffCoefficient: 2, maxIntervalMs: 5 * MINUTE },
  },
};
