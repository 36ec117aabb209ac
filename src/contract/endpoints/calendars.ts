/** Calendars. */
import type { Endpoint } from '../endpoint.js';
import {
  Calendar,
  CalendarAnswer,
  CalendarInput,
  CalendarPath,
  CalendarSummary,
  IcsAnswer,
  IcsText,
  NewCalendar,
} from '../calendars.js';
import { calendar, calendarParts, calendarSummary } from '../examples.js';

export const calendarEndpoints = {
  listCalendars: {
    method: 'get',
    path: '/api/calendars',
    permission: 'job:read',
    summary: 'The calendars of the project',
    ok: { status: 200, schema: CalendarSummary.array() },
    examples: { answer: [calendarSummary] },
  },
  createCalendar: {
    method: 'post',
    path: '/api/calendars',
    permission: 'calendar:write',
    summary: 'Make a calendar',
    body: NewCalendar,
    ok: { status: 201, schema: CalendarAnswer, headers: ['Location'] },
    refusals: ['conflict'],
    examples: {
      body: { name: 'holidays', ...calendarParts },
      answer: { name: 'holidays', status: 'created', jobs: 0 },
    },
  },
  getCalendar: {
    method: 'get',
    path: '/api/calendars/:calendar',
    permission: 'job:read',
    summary: 'One calendar',
    params: CalendarPath,
    ok: { status: 200, schema: Calendar },
    refusals: ['calendar_not_found'],
    examples: { answer: calendar },
  },
  putCalendar: {
    method: 'put',
    path: '/api/calendars/:calendar',
    permission: 'calendar:write',
    summary: 'Make a calendar, or put another in its place: the jobs that exclude it go by the new one at once',
    params: CalendarPath,
    body: CalendarInput,
    ok: { status: 200, schema: CalendarAnswer },
    refusals: ['conflict'],
    examples: { body: calendarParts, answer: { name: 'holidays', status: 'updated', jobs: 3 } },
  },
  uploadCalendar: {
    method: 'put',
    path: '/api/calendars/:calendar/ics',
    permission: 'calendar:write',
    summary: 'Make a calendar of the all-day events of an iCalendar file, or put them in its place',
    params: CalendarPath,
    body: IcsText,
    bodyType: 'text/calendar',
    ok: { status: 200, schema: IcsAnswer },
    refusals: ['conflict'],
    examples: {
      body: [
        ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//example.com//holidays//EN'],
        ...['BEGIN:VEVENT', 'UID:1@example.com', 'DTSTAMP:20261120T000000Z', 'DTSTART;VALUE=DATE:20261225'],
        ...['SUMMARY:Christmas Day', 'END:VEVENT', 'END:VCALENDAR', ''],
      ].join('\r\n'),
      answer: { name: 'holidays', status: 'updated', jobs: 3, days: 1, ignored: 0, notes: [] },
    },
  },
  deleteCalendar: {
    method: 'delete',
    path: '/api/calendars/:calendar',
    permission: 'calendar:write',
    summary: 'Delete a calendar that no job excludes',
    params: CalendarPath,
    ok: { status: 200, schema: CalendarAnswer },
    refusals: ['calendar_not_found', 'conflict'],
    examples: { answer: { name: 'holidays', status: 'deleted', jobs: 0 } },
  },
} as const satisfies Record<string, Endpoint>;
