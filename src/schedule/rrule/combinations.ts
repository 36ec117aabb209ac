/** The combinations of parts that RFC 5545 3.3.10 forbids. */
import type { NumberPart, RuleFrequency, RuleValue } from './types.js';

/** Parts that some frequencies do not take. */
const FORBIDDEN: { part: NumberPart; with: readonly RuleFrequency[]; instead: string }[] = [
  {
    part: 'BYWEEKNO',
    with: ['SECONDLY', 'MINUTELY', 'HOURLY', 'DAILY', 'WEEKLY', 'MONTHLY'],
    instead: 'only FREQ=YEARLY takes it',
  },
  { part: 'BYYEARDAY', with: ['DAILY', 'WEEKLY', 'MONTHLY'], instead: 'use FREQ=YEARLY, or BYMONTH and BYMONTHDAY' },
  { part: 'BYMONTHDAY', with: ['WEEKLY'], instead: 'use FREQ=MONTHLY, or FREQ=DAILY with BYDAY' },
];

/** What is wrong with the parts taken together, or null. */
export function combinationProblem({ freq, count, until, byDay, by }: RuleValue): string | null {
  if (count !== null && until !== null) {
    return 'The recurrence rule has both COUNT and UNTIL: it can end by one of them only.';
  }
  const forbidden = FORBIDDEN.find(({ part, with: freqs }) => by[part] !== undefined && freqs.includes(freq));
  if (forbidden !== undefined) return `${forbidden.part} cannot stand with FREQ=${freq}: ${forbidden.instead}.`;
  if (byDay.some(({ nth }) => nth !== 0)) {
    if (freq !== 'MONTHLY' && freq !== 'YEARLY') {
      return `BYDAY takes a number (1MO) with FREQ=MONTHLY and FREQ=YEARLY only, not with FREQ=${freq}: write the weekday alone (MO).`;
    }
    if (by.BYWEEKNO !== undefined) {
      return 'BYDAY takes no number (1MO) beside BYWEEKNO, which has named the week: write the weekday alone (MO).';
    }
  }
  if (by.BYSETPOS !== undefined && byDay.length === 0 && Object.keys(by).length === 1) {
    return 'BYSETPOS picks from what another part lists, and there is none: add one, such as BYDAY.';
  }
  return null;
}
