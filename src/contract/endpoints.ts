import { accessEndpoints } from './endpoints/access.js';
import { auditEndpoints } from './endpoints/audit.js';
import { batchEndpoints } from './endpoints/batch.js';
import { calendarEndpoints } from './endpoints/calendars.js';
import { handlerEndpoints } from './endpoints/handlers.js';
import { jobEndpoints } from './endpoints/jobs.js';
import { memberEndpoints } from './endpoints/members.js';
import { nodeEndpoints } from './endpoints/nodes.js';
import { quotaEndpoints } from './endpoints/quotas.js';
import { projectEndpoints } from './endpoints/project.js';
import { runCommandEndpoints } from './endpoints/run-commands.js';
import { runEndpoints } from './endpoints/runs.js';
import { scheduleEndpoints } from './endpoints/schedules.js';

/** The one table of endpoints, in the order of the OpenAPI document. */
export const endpoints = {
  ...jobEndpoints,
  ...batchEndpoints,
  ...runEndpoints,
  ...runCommandEndpoints,
  ...scheduleEndpoints,
  ...handlerEndpoints,
  ...projectEndpoints,
  ...calendarEndpoints,
  ...nodeEndpoints,
  ...accessEndpoints,
  ...memberEndpoints,
  ...quotaEndpoints,
  ...auditEndpoints,
};

export type Endpoints = typeof endpoints;
export type EndpointName = keyof Endpoints;
