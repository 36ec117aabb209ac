import { HOUR } from './limits.js';
import type { Keyword, Period } from './types.js';

const monthly = (months: number): Period => ({ months, days: 0, elapsedMs: 0 });
const daily = (days: number): Period => ({ months: 0, days, elapsedMs: 0 });

/** What each keyword repeats after. `weekdays` is every day of which only Monday to Friday are wanted. */
export const keywordPeriods = {
  hourly: { months: 0, days: 0, elapsedMs: HOUR },
  daily: daily(1),
  weekdays: daily(1),
  weekly: daily(7),
  monthly: monthly(1),
  quarterly: monthly(3),
  yearly: monthly(12),
} as const satisfies Record<Keyword, Period>;
