import { inWords } from '../words.js';

/**
 * What the exclusion adds to a schedule in words: `, except on days of "holidays"`, or `, moved to the next day that
 * is not in "holidays"`. `shift` is null where excluded runs are left out.
 */
export function describeExclusion(names: readonly string[], shift: 'next' | 'previous' | null): string {
  if (names.length === 0) return '';
  const quoted = names.map((name) => JSON.stringify(name));
  if (shift === null) return `, except on days of ${inWords(quoted)}`;
  return `, moved to the ${shift} day that is not in ${names.length > 1 ? 'any of ' : ''}${inWords(quoted)}`;
}
