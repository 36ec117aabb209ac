export const MAX_VARIABLES = 128;
export const MAX_VALUE_LENGTH = 32 * 1024;

/** What tells a program which run it is: never the payload's to say. */
const RESERVED_PREFIX = 'CARILLON_';
const NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

/** Why one variable can't be given, as a sentence; undefined when it can. The value is never repeated: it may be a secret. */
export function environmentProblem(name: string, value: string): string | undefined {
  if (!NAME.test(name))
    return 'The name of an environment variable must be 1 to 128 letters, digits and _.-, and begin with no digit.';
  if (name.startsWith(RESERVED_PREFIX))
    return 'Environment variables that start with CARILLON_ are set by Carillon and cannot be given.';
  if (value.includes('\0')) return `The environment variable ${name} must hold no NUL.`;
  if (value.length > MAX_VALUE_LENGTH) return `The environment variable ${name} is longer than 32,768 characters.`;
  return undefined;
}
