import type { z } from 'zod';
import type { AnswerHeader } from './headers.js';
import type { ErrorCode } from '../domain/errors.js';
import type { Access } from '../domain/permissions.js';

/** One call of the API: all that routing, permission, validation and the OpenAPI document need to know of it. */
export interface Endpoint {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  readonly path: string;
  /** Without it the call is 403. It says, too, whether the call is one in a project. */
  readonly permission: Access;
  readonly summary: string;
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** The type of a body that is a text; JSON when left out. */
  readonly bodyType?: 'text/plain' | 'text/calendar';
  /** Of a body, where they are not those of all. */
  readonly bodyLimits?: BodyLimits;
  /** Whether `If-Match` is heeded; where it is not, it is refused. */
  readonly ifMatch?: boolean;
  /** Nothing at all stands for `{}`. */
  readonly bodyOptional?: boolean;
  /** It only tells, whatever its method: calls of it are not in the audit trail. */
  readonly changesNothing?: boolean;
  readonly ok: {
    readonly status: 200 | 201 | 202;
    readonly schema: z.ZodType;
    /** The texts that the same can be asked for as: an example of each. */
    readonly texts?: Readonly<Partial<Record<TextType, string>>>;
    readonly headers?: readonly AnswerHeader[];
    /** The field that names what was made, of an answer that holds its secret: that is not kept for a replay. */
    readonly shownOnce?: string;
  };
  /** What can go wrong beyond what can at every call. */
  readonly refusals?: readonly ErrorCode[];
  /** A request's body, where the call takes one, and an answer. */
  readonly examples: { readonly body?: unknown; readonly answer: unknown };
}

/** A text that an answer can be. */
export type TextType = 'application/x-ndjson' | 'text/csv';

/** What a body may hold at most. */
export interface BodyLimits {
  readonly bytes: number;
  readonly jsonDepth: number;
  readonly jsonKeys: number;
}
