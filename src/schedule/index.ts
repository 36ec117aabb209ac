/**
 * Schedules: what a job says about when, and the instants that follow from it. What the preview shows is what fires,
 * for both ask here.
 */
export {
  calendarOfDays,
  LAST_EXPANDED_YEAR,
  readCalendar,
  readIcs,
  type Calendar,
  type CalendarDefinition,
} from './calendar/index.js';
export { dueUntil, effectiveTime } from './effective.js';
export { readExecutionTime } from './execution-time.js';
export {
  countFires,
  firesBetween,
  isExcluded,
  lastFire,
  nextExcluded,
  nextFire,
  nextOfAll,
  type Part,
} from './fires.js';
export { EARLIEST, LATEST } from './limits.js';
export { describeLength, describeSchedule } from './describe.js';
export { parseSchedule, type ParsedSchedule } from './parse.js';
export { movedAway, notesOf } from './notes.js';
export { lowerFirst } from './words.js';
export { localText } from './local-text.js';
export { previewFires, type PreviewedFire } from './preview.js';
export { startOfDay, timeZoneDataVersion } from './time-zone.js';
export { emptySchedule } from './types.js';
export type { Exclusion, Schedule, ScheduleInput, ScheduleProblem } from './types.js';
