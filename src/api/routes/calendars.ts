import { deleteCalendar, noSuchCalendar, putCalendar, uploadCalendar } from '../../commands/index.js';
import { listCalendars, readCalendarDetails } from '../../store/calendars.js';
import type { Routes } from '../calls.js';
import { calendarAnswer, calendarSummary } from '../present-schedule.js';

export const calendarRoutes: Routes<
  'listCalendars' | 'createCalendar' | 'getCalendar' | 'putCalendar' | 'uploadCalendar' | 'deleteCalendar'
> = {
  async listCalendars({ ports, caller }) {
    return { body: (await listCalendars(ports.commands.db, caller.projectId)).map(calendarSummary) };
  },

  async createCalendar({ ports, caller, body }) {
    const { name, ...parts } = body;
    const put = await putCalendar(ports.commands, caller, name, parts, 'not there');
    return { body: { name, ...put }, location: `/api/calendars/${name}` };
  },

  async getCalendar({ ports, caller, params }) {
    const calendar = await readCalendarDetails(ports.commands.db, caller.projectId, params.calendar);
    if (!calendar) throw noSuchCalendar(params.calendar);
    return { body: calendarAnswer(calendar) };
  },

  async putCalendar({ ports, caller, params, body }) {
    return { body: { name: params.calendar, ...(await putCalendar(ports.commands, caller, params.calendar, body)) } };
  },

  async uploadCalendar({ ports, caller, params, body }) {
    return {
      body: { name: params.calendar, ...(await uploadCalendar(ports.commands, caller, params.calendar, body)) },
    };
  },

  async deleteCalendar({ ports, caller, params }) {
    await deleteCalendar(ports.commands, caller, params.calendar);
    return { body: { name: params.calendar, status: 'deleted', jobs: 0 } };
  },
};
