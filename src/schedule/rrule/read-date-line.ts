/** Reads the lines that name dates: DTSTART, RDATE and EXDATE. */
import { readTimeZone } from '../time-zone.js';
import type { Understood } from '../types.js';
import { readTime, TIME_FORMS } from './read-time.js';
import type { WrittenTime } from './types.js';

/** A line's name, its parameters (TZID=...) and its value, as RFC 5545 3.1 divides it. */
export interface ContentLine {
  name: string;
  parameters: string[];
  value: string;
}

/** Reads the dates of a line, in the order written. */
export function readDates({ name, parameters, value }: ContentLine): Understood<WrittenTime[]> {
  const refuse = (message: string): Understood<WrittenTime[]> => ({ ok: false, message });
  let zone: string | null = null;
  let asDate = false;
  for (const parameter of parameters) {
    const [, key = '', setting = ''] = /^([^=]+)=(.+)$/.exec(parameter) ?? [];
    const kind = setting.toUpperCase();
    if (key.toUpperCase() === 'TZID') {
      const read = readTimeZone(setting.replace(/^"(.*)"$/, '$1'));
      if (!read.ok) return refuse(`In ${name}: ${read.message}`);
      zone = read.value;
    } else if (key.toUpperCase() === 'VALUE' && kind === 'PERIOD') {
      return refuse(
        `${name} with periods is not supported, for a run has no end that is planned: list the beginnings alone.`,
      );
    } else if (key.toUpperCase() === 'VALUE' && (kind === 'DATE' || kind === 'DATE-TIME')) {
      asDate = kind === 'DATE';
    } else {
      return refuse(`${name} has the parameter "${parameter}", which is not understood: it takes TZID and VALUE=DATE.`);
    }
  }
  const times: WrittenTime[] = [];
  for (const text of value.toUpperCase().split(',')) {
    if (text.includes('/'))
      return refuse(
        `${name} with periods is not supported, for a run has no end that is planned: list the beginnings alone.`,
      );
    const time = readTime(text);
    if (time === null)
      return refuse(
        `${name} does not take "${text.slice(0, 40)}": it takes days and times that exist, from 1970 on, ${TIME_FORMS}.`,
      );
    const form = asDate ? 'date' : 'date-time';
    if (time.form !== form) {
      return refuse(
        asDate
          ? `${name} has VALUE=DATE, and "${text}" has a time: write ${text.slice(0, 8)}, or leave VALUE=DATE out.`
          : `${name} does not say that "${text}" is a date: write ${name};VALUE=DATE:${text}, or add a time (${text}T000000).`,
      );
    }
    if (zone !== null && time.timeZone !== null) {
      return refuse(`${name} has a TZID, and "${text}" is UTC: leave out either the TZID or the "Z".`);
    }
    if (zone !== null && asDate) return refuse(`${name} has a TZID, and dates have no time zone: leave the TZID out.`);
    times.push({ ...time, timeZone: zone ?? time.timeZone });
  }
  return { ok: true, value: times };
}
