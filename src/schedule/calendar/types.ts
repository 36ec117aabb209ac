/** The words of a calendar: a set of local days on which jobs do not run. Every value is plain JSON. */

export type Weekday = 'MO' | 'TU' | 'WE' | 'TH' | 'FR' | 'SA' | 'SU';

/** Days in a row, both ends inclusive, as ISO 8601 dates. */
export interface DayRange {
  from: string;
  to: string;
  name?: string | undefined;
}

/** A day that comes back. A date or a weekday that a year does not have (29 February, a fifth Monday) is left out there. */
export type RecurringDay = { name?: string | undefined } & (
  | { month: number; day: number }
  /** The nth such weekday of the month, -1 for the last. */
  | { month: number; weekday: Weekday; nth: 1 | 2 | 3 | 4 | 5 | -1 }
  /** Days from Gregorian Easter Sunday: -2 is Good Friday, 1 is Easter Monday. */
  | { easter: number }
);

/** A calendar as a user writes it. A day belongs to it when any part says so. */
export interface CalendarDefinition {
  /** ISO 8601 dates, alone or as ranges. */
  dates?: readonly (string | { date: string; name?: string | undefined } | DayRange)[] | undefined;
  weekdays?: readonly Weekday[] | undefined;
  recurring?: readonly RecurringDay[] | undefined;
}

/** A calendar that was understood: what `readCalendar` makes of a definition. */
export interface Calendar {
  /** In order and without overlap, so that they can be searched by halves. */
  ranges: readonly DayRange[];
  weekdays: readonly Weekday[];
  recurring: readonly RecurringDay[];
}

/** One thing wrong with a definition: where, and one sentence saying what is wrong and what would be right. */
export interface CalendarProblem {
  path: (string | number)[];
  message: string;
}
