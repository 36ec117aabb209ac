import type { Routes } from '../calls.js';
import { accessRoutes } from './access.js';
import { auditRoutes } from './audit.js';
import { batchRoutes } from './batch.js';
import { calendarRoutes } from './calendars.js';
import { handlerRoutes } from './handlers.js';
import { jobCommandRoutes } from './job-commands.js';
import { jobRoutes } from './jobs.js';
import { memberRoutes } from './members.js';
import { projectRoutes } from './project.js';
import { nodeRoutes } from './nodes.js';
import { runRoutes } from './runs.js';
import { scheduleRoutes } from './schedules.js';

/** A route for each endpoint of the table: one that is missing does not compile. */
export const routes: Routes = {
  ...jobRoutes,
  ...batchRoutes,
  ...jobCommandRoutes,
  ...runRoutes,
  ...scheduleRoutes,
  ...calendarRoutes,
  ...handlerRoutes,
  ...projectRoutes,
  ...nodeRoutes,
  ...accessRoutes,
  ...memberRoutes,
  ...auditRoutes,
};
