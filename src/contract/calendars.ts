import { z } from 'zod';
import { at, done, text } from './answers/fields.js';
import { limits, strict, shortText } from './values.js';

/** The name of a calendar, which is also its place in a path. */
export const calendarName = z
  .string('must be a text')
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'must have 1 to 64 of a-z, 0-9, ".", "_" and "-", the first of them a letter or a digit',
  )
  .meta({ examples: ['holidays'] });

const date = z
  .string('a day must be a date such as 2026-12-25')
  .max(limits.instantLength)
  .describe('A day: an ISO 8601 date.')
  .meta({ examples: ['2026-12-25'] });
const name = shortText('name', limits.nameLength)
  .describe('What the day is called.')
  .meta({ examples: ['Christmas Day'] })
  .optional();
const weekday = z.enum(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], 'must be MO, TU, WE, TH, FR, SA or SU');
const whole = (what: string, meaning: string) => z.int(`${what} must be a whole number`).describe(meaning);
const month = whole('month', 'The month of the year: 1 to 12.');

const list = <Item extends z.ZodType>(what: string, item: Item) =>
  z
    .array(item, `${what} must be a list`)
    .max(limits.calendarDays, `${what} must have at most ${limits.calendarDays} entries`);

/** The parts of a calendar. What they mean is checked by src/schedule/calendar. */
const parts = {
  dates: list(
    'dates',
    z.union(
      [
        date,
        z.strictObject({ date, name }, strict),
        z.strictObject({ from: date.describe('The first day.'), to: date.describe('The last day.'), name }, strict),
      ],
      'must be a date, {date, name?} or {from, to, name?}',
    ),
  )
    .describe('Days and ranges of days, both ends inclusive.')
    .meta({ examples: [['2026-12-25', { from: '2026-12-28', to: '2026-12-31', name: 'Between the years' }]] })
    .optional(),
  weekdays: list('weekdays', weekday).describe('Days of each week.').optional(),
  recurring: list(
    'recurring',
    z.union(
      [
        z.strictObject({ name, month, day: whole('day', 'The day of the month: 1 to 31.') }, strict),
        z.strictObject(
          {
            name,
            month,
            weekday: weekday.describe('The day of the week.'),
            nth: z
              .literal([1, 2, 3, 4, 5, -1], 'nth must be 1 to 5, or -1')
              .describe('Which of those of the month: the first is 1, the last -1.'),
          },
          strict,
        ),
        z.strictObject({ name, easter: whole('easter', 'Days after Easter Sunday; before it when negative.') }, strict),
      ],
      'must be {month, day}, {month, weekday, nth} or {easter}',
    ),
  )
    .describe('Days of each year: a date, the nth (or last, -1) weekday of a month, or days from Easter Sunday.')
    .meta({
      examples: [[{ month: 12, day: 25, name: 'Christmas Day' }, { month: 11, weekday: 'TH', nth: 4 }, { easter: -2 }]],
    })
    .optional(),
};

export const CalendarInput = z
  .strictObject(parts, strict)
  .meta({ id: 'CalendarInput', description: 'Days on which jobs that exclude this calendar do not run.' });
export type CalendarInput = z.output<typeof CalendarInput>;

export const NewCalendar = z
  .strictObject({ name: calendarName.describe('The name of the calendar.'), ...parts }, strict)
  .meta({ id: 'NewCalendar' });
export type NewCalendar = z.output<typeof NewCalendar>;

export const CalendarPath = z.strictObject({ calendar: calendarName.describe('The name of the calendar.') });

/** An iCalendar file as it was uploaded. */
export const IcsText = z
  .string()
  .meta({ description: 'RFC 5545: its all-day events become the days of the calendar.' });

// --- Answers ---

const calendarTold = text('The name of the calendar.', 'holidays');
const lastUpdated = at('When it was last changed.');
const updatedBy = text('Who changed it last: the id of an API key, or of a user.', '62lgpbfc7dwf63dc');

export const Calendar = z
  .object({
    name: calendarTold,
    dates: z.array(z.unknown()).describe('As they were given; see CalendarInput.').optional(),
    weekdays: z.array(z.string()).describe('Days of each week: MO to SU.').optional(),
    recurring: z.array(z.unknown()).describe('As they were given; see CalendarInput.').optional(),
    jobs: z.int().describe('How many jobs that have not ended exclude it.'),
    lastUpdated,
    updatedBy,
  })
  .meta({ id: 'Calendar' });
export type Calendar = z.output<typeof Calendar>;

export const CalendarSummary = z
  .object({
    name: calendarTold,
    entries: z.int().describe('How many dates, weekdays and recurring days it has.'),
    jobs: z.int().describe('How many jobs that have not ended exclude it.'),
    lastUpdated,
    updatedBy,
  })
  .meta({ id: 'CalendarSummary' });
export type CalendarSummary = z.output<typeof CalendarSummary>;

export const CalendarAnswer = z
  .object({
    name: calendarTold,
    status: done('created', 'updated', 'deleted'),
    jobs: z.int().describe('How many jobs go by it from now on.'),
  })
  .meta({ id: 'CalendarAnswer' });

export const IcsAnswer = z
  .object({
    ...CalendarAnswer.shape,
    days: z.int().describe('How many days were read.'),
    ignored: z.int().describe('How many events were left out: timed or cancelled ones, and those before 1970.'),
    notes: z.array(z.string()).describe('What of the file is not taken over, in sentences.'),
  })
  .meta({ id: 'IcsAnswer' });
