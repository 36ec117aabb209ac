import { z } from 'zod';

/** What the headers of a payload may be. */
export interface HeaderRules {
  readonly maxHeaders: number;
  /** Why one header can't be sent, as a sentence which never repeats the value; undefined when it can. */
  problemOf(name: string, value: string): string | undefined;
}

/** The field `headers` of a payload: values by names, each name once. */
export const headersBy = ({ maxHeaders, problemOf }: HeaderRules) =>
  z
    .record(z.string(), z.string({ error: 'A header value in headers must be a string.' }), {
      error: 'The field headers must be an object of strings.',
    })
    .superRefine((given, context) => {
      const names = Object.keys(given);
      if (names.length > maxHeaders)
        context.addIssue({ code: 'custom', message: `At most ${maxHeaders} headers can be given.` });
      const seen = new Set<string>();
      for (const name of names) {
        const twice = seen.has(name.toLowerCase()) ? 'A header is given twice, in different letter case.' : undefined;
        const message = problemOf(name, given[name] ?? '') ?? twice;
        if (message !== undefined) context.addIssue({ code: 'custom', message, path: [name] });
        seen.add(name.toLowerCase());
      }
    });
