/** Limits on the environment of a payload. */
export const MAX_VARIABLES = 100;
/** Names and values together. */
export const MAX_ENVIRONMENT_BYTES = 64 * 1024;

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,255}$/;

/** What tells a program which run it is: never the payload's to say. */
const RESERVED_PREFIX = 'CARILLON_';

/**
 * Variables that make the loader, a shell or an interpreter run other code before the program that the payload names: so
 * that what a payload's `command` shows is what runs.
 */
const LOADER_PREFIXES = ['LD_', 'DYLD_'];
const LOADER_NAMES: ReadonlySet<string> = new Set([
  'GCONV_PATH',
  'GLIBC_TUNABLES',
  'ENV',
  'BASH_ENV',
  'NODE_OPTIONS',
  'PERL5OPT',
  'PYTHONSTARTUP',
  'RUBYOPT',
  'JAVA_TOOL_OPTIONS',
  'JDK_JAVA_OPTIONS',
  '_JAVA_OPTIONS',
]);

/** Why one variable can't be set, as a sentence; undefined when it can. The value is never repeated: it may be a secret. */
export function variableProblem(name: string, value: string): string | undefined {
  if (!NAME.test(name))
    return 'A name in environment may hold only letters, digits and _, not begin with a digit, and have at most 256 characters.';
  if (name.startsWith(RESERVED_PREFIX))
    return 'Variables that start with CARILLON_ are set by Carillon and cannot be given in environment.';
  if (LOADER_NAMES.has(name) || LOADER_PREFIXES.some((prefix) => name.startsWith(prefix)))
    return `The variable ${name} loads code into programs and cannot be given in environment.`;
  if (value.includes('\0')) return `The value of ${name} in environment may hold no NUL character.`;
  return undefined;
}
