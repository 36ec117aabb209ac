/**
 * Schedules: what a job says about when, and the instants that follow from it. What the preview shows is what fires,
 * for both ask here.
 */
export { dueUntil, effectiveTime } from './effective.js';
export { readExecutionTime } from './execution-time.js';
export { countFires, firesBetween, lastFire, nextFire, type Part } from './fires.js';
export { EARLIEST, LATEST } from './limits.js';
export { parseSchedule, type ParsedSchedule } from './parse.js';
export { timeZoneDataVersion } from './time-zone.js';
export type { NamedCalendar, Schedule, ScheduleInput, ScheduleProblem } from './types.js';
