/** Calendars: days on which jobs do not run. They are read from what a user writes, and change when a schedule fires. */
export { describeExclusion } from './describe.js';
export { excludedDays, type ExcludedDay, type ExcludedDays, type NamedCalendar } from './excluded-days.js';
export { excluding } from './excluding.js';
export { MOST_SHIFTED_FIRES_A_DAY, firesADay } from './fires-a-day.js';
export { LAST_EXPANDED_YEAR, readIcs, type IcsDays } from './ics.js';
export { calendarOfDays, readCalendar, type ReadCalendar } from './read.js';
export { shifting, type ShiftDirection, type ShiftedRecurrence } from './shifting.js';
export type { Calendar, CalendarDefinition, CalendarProblem, DayRange, RecurringDay, Weekday } from './types.js';
