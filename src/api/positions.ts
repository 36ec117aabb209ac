import { z } from 'zod';
import { limits } from '../contract/values.js';
import { EARLIEST, LATEST } from '../schedule/index.js';
import type { JobOrder } from '../store/job-list.js';

/** What a cursor may say of where a page ended: only what the database takes without an error. */

const instant = z.int().min(EARLIEST).max(LATEST);
const text = z
  .string()
  .max(limits.nameLength * 4)
  .refine((value) => !/[\0\p{Surrogate}]/u.test(value));

/** Where a page of a list of jobs in a certain order ended. */
export function jobPosition(by: JobOrder['by']) {
  const key = { createdAt: z.null(), nextRunAt: instant.nullable(), jobName: text }[by];
  return z.strictObject({ key, id: z.uuid() });
}

export const runPosition = z.strictObject({ scheduledFor: instant, id: z.uuid() });

/** The number of an entry of the audit trail is a Postgres bigint. */
export const auditPosition = z.strictObject({ at: instant, id: z.string().regex(/^\d{1,18}$/) });

/** The number of a log line, a Postgres bigint. */
export const logPosition = z.string().regex(/^\d{1,18}$/);
