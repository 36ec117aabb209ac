export { job } from './job.workflow.js';
export { run } from './run.workflow.js';
