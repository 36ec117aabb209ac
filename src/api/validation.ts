import type { z } from 'zod';
import { AppError, type Problem } from '../domain/errors.js';
import { pointerOf } from './pointers.js';

/** Checks a body; all that is wrong with it is told at once. */
export function parseBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const checked = checkBody(schema, body);
  if (checked instanceof AppError) throw checked;
  return checked;
}

/** A body in its checked form, or its refusal. */
export function checkBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> | AppError {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  return refusal(problemsOf(parsed.error, 'is not a field of this request', (path) => ({ pointer: pointerOf(path) })));
}

/** Checks the variable parts of a path, or a query; both hold texts only. */
export function parseParameters<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw refusal(
    problemsOf(parsed.error, 'is not a parameter of this call', (path) => ({ parameter: String(path[0] ?? '') })),
  );
}

/** The parameters of a query string. One that is given twice is refused: which of them would count? */
export function queryOf(url: string): Record<string, string> {
  const start = url.indexOf('?');
  if (start === -1) return {};
  const given = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [name, value] of new URLSearchParams(url.slice(start))) {
    if (given.has(name)) problems.push({ parameter: name, message: 'is given more than once' });
    else if (/[\0\p{Surrogate}]/u.test(name + value))
      problems.push({ parameter: name, message: 'holds a NUL character' });
    given.set(name, value);
  }
  if (problems.length > 0) throw refusal(problems);
  return Object.fromEntries(given);
}

export function refusal(problems: readonly Problem[]): AppError {
  return new AppError('validation_failed', problems.map(sentenceOf).join('; '), { problems });
}

function problemsOf(
  error: z.ZodError,
  unknownKey: string,
  place: (path: readonly PropertyKey[]) => Omit<Problem, 'message'>,
): Problem[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ ...place([...issue.path, key]), message: unknownKey }))
      : [{ ...place(issue.path), message: issue.message }],
  );
}

function sentenceOf({ pointer, parameter, message }: Problem): string {
  const name = parameter ?? (pointer === undefined || pointer === '' ? 'the body' : pointer.slice(1));
  const field = name.slice(name.lastIndexOf('/') + 1);
  return message.startsWith(`${field} `) ? `${name}${message.slice(field.length)}` : `${name} ${message}`;
}
