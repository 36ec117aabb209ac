import type { z } from 'zod';

/** A refinement by what says in a sentence why a value is refused, or undefined where it is not. */
export const refuse =
  <Value>(problemOf: (value: Value) => string | undefined) =>
  (value: Value, context: z.RefinementCtx): void => {
    const message = problemOf(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  };
