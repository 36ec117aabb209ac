export { job } from './job.workflow.js';
