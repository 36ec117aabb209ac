export { submitJob } from './submit-job.js';
export { updateJob } from './update-job.js';
export { pauseJob } from './pause-job.js';
export { resumeJob } from './resume-job.js';
export { cancelJob } from './cancel-job.js';
export { triggerJob } from './trigger-job.js';
export type { Caller, CommandPorts } from './ports.js';
export { decideLate, whatFollows } from './what-follows.js';
