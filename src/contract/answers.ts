/** What calls answer with. */
export * from './answers/jobs.js';
export * from './answers/nodes.js';
export * from './answers/problem.js';
export * from './answers/runs.js';
export * from './answers/schedules.js';
export * from './answers/waiting.js';
