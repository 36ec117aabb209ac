import { z } from 'zod';
import type { RunContext } from '../handler.js';
import { KIB } from './size.js';

/** What tells a program which run it is: never the payload's to say. */
const RESERVED_PREFIX = 'CARILLON_';

/** What the environment of a payload may be. */
export interface EnvironmentRules {
  readonly maxVariables: number;
  /** Of names and values together, in UTF-8; no limit if not given. */
  readonly maxBytes?: number;
  readonly name: RegExp;
  /** The sentence for a name that is none. */
  readonly nameRule: string;
  /** Why one variable can't be given beside that, as a sentence which never repeats the value; undefined when it can. */
  problemOf(name: string, value: string): string | undefined;
}

/** The field `environment` of a payload: values by names. No message repeats a value, as it may be a secret. */
export const environmentBy = (rules: EnvironmentRules) =>
  z
    .record(z.string(), z.string({ error: 'A value in environment must be a string.' }), {
      error: 'The environment must be an object of strings.',
    })
    .superRefine((given, context) => {
      const refuse = (message: string, path: string[] = []): void =>
        context.addIssue({ code: 'custom', message, path });
      const variables = Object.entries(given);
      const { maxVariables, maxBytes = Infinity } = rules;
      if (variables.length > maxVariables) refuse(`The environment may have at most ${maxVariables} variables.`);
      const bytes = variables.reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
      if (bytes > maxBytes) refuse(`The environment must be at most ${maxBytes / KIB} KiB long.`);
      for (const [name, value] of variables) {
        const problem = variableProblem(name, value, rules);
        if (problem !== undefined) refuse(problem, [name]);
      }
    });

function variableProblem(name: string, value: string, rules: EnvironmentRules): string | undefined {
  if (!rules.name.test(name)) return rules.nameRule;
  if (name.startsWith(RESERVED_PREFIX))
    return 'Variables that start with CARILLON_ are set by Carillon and cannot be given in environment.';
  if (value.includes('\0')) return `The value of ${name} in environment may hold no NUL character.`;
  return rules.problemOf(name, value);
}

/** The variables by which a program learns which run it is. */
export const runVariables = (context: RunContext): Record<string, string> => ({
  CARILLON_JOB_ID: context.jobId,
  CARILLON_RUN_ID: context.runId,
  CARILLON_ATTEMPT: String(context.attempt),
  CARILLON_SCHEDULED_FOR: context.scheduledFor.toISOString(),
});
