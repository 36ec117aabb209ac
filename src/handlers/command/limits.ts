import { z } from 'zod';
import { durationMs, HOUR, SECOND } from '../shared/duration.js';
import { MAX_OUTPUT_BYTES } from '../shared/run-limits.js';
import { shapeProblem } from '../shared/shape-problem.js';
import { GIB, MIB, sizeBytes } from '../shared/size.js';

/** Less than this, and no program even starts. */
export const MIN_MEMORY_BYTES = 4 * MIB;
export const MAX_MEMORY_BYTES = 1_024 * GIB;
export const MAX_CPU_TIME_MS = 7 * 24 * HOUR;

const size = (field: string, minBytes: number, maxBytes: number, range: string) => {
  const error = `The limit ${field} must be a number of bytes or a size such as 512MiB, ${range}.`;
  return z.union([z.string(), z.number()], { error }).refine(
    (value) => {
      const bytes = sizeBytes(value);
      return bytes !== undefined && bytes >= minBytes && bytes <= maxBytes;
    },
    { error },
  );
};

const CPU_TIME = 'The limit cpuTime must be an ISO 8601 duration in whole seconds, such as PT30S, from PT1S to PT168H.';

const cpuTime = z.string({ error: CPU_TIME }).refine(
  (text) => {
    const ms = durationMs(text);
    return ms !== undefined && ms >= SECOND && ms <= MAX_CPU_TIME_MS && ms % SECOND === 0;
  },
  { error: CPU_TIME },
);

/** What a command may use. Memory and CPU time are limits of each process, set by the kernel. */
export const limits = z.strictObject(
  {
    memory: size('memory', MIN_MEMORY_BYTES, MAX_MEMORY_BYTES, 'from 4MiB to 1024GiB')
      .optional()
      .describe('Of each process, in bytes or as 512MiB; none if not given'),
    cpuTime: cpuTime.optional().describe('Of each process, as an ISO 8601 duration; none if not given'),
    output: size('output', 0, MAX_OUTPUT_BYTES, 'from 0 to 960KiB').optional().describe('Of what is logged: 960KiB'),
  },
  { error: shapeProblem('The limits must be an object with memory, cpuTime or output.', 'The limits have') },
);
