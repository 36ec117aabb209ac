import { z } from 'zod';
import { limits, strict, text } from './values.js';

/** The name of a calendar, which is also its place in a path. */
export const calendarName = z
  .string('the name of a calendar must be a text')
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'the name of a calendar has 1 to 64 of a-z, 0-9, ".", "_" and "-", the first of them a letter or a digit',
  );
