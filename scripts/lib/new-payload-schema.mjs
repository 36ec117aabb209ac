// The schema of the payload that a new handler begins with, built in or of a plugin.
import { camelCase } from './words.mjs';

export const payloadSchema = (
  name,
) => `/** Nothing may be transformed: a stored payload is checked again when it runs. */
export const ${camelCase(name)}Payload = z.strictObject(
  {
    text: z.string({ error: 'text must be given, as a string.' }).max(1_000, 'text must have at most 1000 characters.'),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? \`The payload has no field \${issue.keys.join(', ')}.\`
        : 'The payload must be an object with a text.',
  },
);`;
