/** What an `http` job needs to know (src/handlers/http/definition.ts has the rules; they are the tests' to compare). */

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

/** A payload that the `http` job type takes. */
export interface HttpRequest {
  method: (typeof METHODS)[number];
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** An ISO 8601 duration. */
  timeout?: string;
}

/**
 * Whether a URL means the same to curl, to wget and to an `http` job. Not so: braces and brackets, which curl expands; a
 * URL without its scheme; one with a password, which the job keeps in a header.
 */
export function isPlainUrl(text: string): boolean {
  if (!/^https?:\/\/[^\p{Cc} {}[\]\\]+$/iu.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

/** Whether a program's output goes nowhere but to cron's mail: anything else would be lost with the command. */
export function isDiscarded(output: string): boolean {
  return output === '/dev/null' || output === '-';
}
