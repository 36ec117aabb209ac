import type { EnvironmentRules } from '../shared/environment.js';
import { KIB } from '../shared/size.js';

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

/** What the environment of a command may be. */
export const environmentRules: EnvironmentRules = {
  maxVariables: 100,
  maxBytes: 64 * KIB,
  name: /^[A-Za-z_][A-Za-z0-9_]{0,255}$/,
  nameRule:
    'A name in environment may hold only letters, digits and _, not begin with a digit, and have at most 256 characters.',
  problemOf: (name) =>
    LOADER_NAMES.has(name) || LOADER_PREFIXES.some((prefix) => name.startsWith(prefix))
      ? `The variable ${name} loads code into programs and cannot be given in environment.`
      : undefined,
};
