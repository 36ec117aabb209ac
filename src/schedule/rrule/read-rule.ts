/** Reads the text of a recurrence: one RRULE, and lines of dates around it. */
import { isPlainText } from '../limits.js';
import type { Understood } from '../types.js';
import { readDates, type ContentLine } from './read-date-line.js';
import { readRuleValue } from './read-rule-value.js';
import { startProblem } from './start-problem.js';
import type { RuleParts, WrittenTime } from './types.js';

export const MOST_DATES = 500;

const LINES = 'write one RRULE line, at most one DTSTART line, and any EXDATE and RDATE lines';

/** Lines that calendars have, and why they are not taken. */
const REFUSED: Record<string, string> = {
  EXRULE: 'EXRULE is not supported, and RFC 5545 has given it up: use EXDATE.',
  DTEND: 'DTEND is not supported, for a run has no end that is planned: leave it out.',
  DURATION: 'DURATION is not supported, for a run has no end that is planned: leave it out.',
};

/** Whether a text is meant as a recurrence rule, right or wrong. */
export function looksLikeRule(text: string): boolean {
  return /^\s*(?:(?:RRULE|DTSTART|EXDATE|RDATE)\b|FREQ\s*=)/i.test(text);
}

/** Reads lines separated by line feeds (with or without carriage returns); long lines may be folded (RFC 5545 3.1). */
export function readRule(text: string): Understood<RuleParts> {
  const lines = text
    .trim()
    .replace(/\r?\n[ \t]/g, '')
    .split(/\r?\n/)
    .map((line) => line.trim());
  const refuse = (message: string): Understood<RuleParts> => ({ ok: false, message });
  const dates: Record<'DTSTART' | 'RDATE' | 'EXDATE', WrittenTime[]> = { DTSTART: [], RDATE: [], EXDATE: [] };
  let rule: RuleParts['rule'] | null = null;

  for (const written of lines.filter((line) => line !== '')) {
    if (!isPlainText(written))
      return refuse('The recurrence rule holds a control character or a letter that is not plain ASCII.');
    const line = contentLine(written);
    if (line === null)
      return refuse(`The line "${written.slice(0, 40)}" of the recurrence rule is not understood: ${LINES}.`);
    const { name, parameters, value } = line;
    if (name === 'RRULE') {
      if (rule !== null)
        return refuse('There are two RRULE lines: write one, and make the other rule a job of its own.');
      if (parameters.length > 0)
        return refuse(`RRULE takes no parameters such as "${parameters[0]}": write RRULE:FREQ=...`);
      const read = readRuleValue(value);
      if (!read.ok) return read;
      rule = read.value;
    } else if (name === 'DTSTART' || name === 'RDATE' || name === 'EXDATE') {
      const read = readDates(line);
      if (!read.ok) return read;
      dates[name].push(...read.value);
    } else {
      return refuse(
        REFUSED[name] ?? `The recurrence rule has a line "${name.slice(0, 40)}", which is not understood: ${LINES}.`,
      );
    }
  }

  if (rule === null) return refuse('There is no RRULE line: add one such as RRULE:FREQ=DAILY.');
  const { DTSTART, RDATE: rdates, EXDATE: exdates } = dates;
  if (DTSTART.length > 1)
    return refuse('There is more than one DTSTART: a recurrence rule has one beginning; use RDATE for more dates.');
  if (rdates.length + exdates.length > MOST_DATES) {
    return refuse(
      `There are ${rdates.length + exdates.length} dates in RDATE and EXDATE: at most ${MOST_DATES} are taken.`,
    );
  }
  const [dtstart = null] = DTSTART;
  const problem = startProblem(rule, dtstart);
  return problem === null ? { ok: true, value: { rule, dtstart, rdates, exdates } } : refuse(problem);
}

/** Divides a line; a bare `FREQ=...` is an RRULE. Null where there is no name. */
function contentLine(line: string): ContentLine | null {
  if (/^[A-Z]+=/i.test(line)) return { name: 'RRULE', parameters: [], value: line };
  const [, name = '', parameters = '', value = ''] = /^([A-Z][A-Z-]*)((?:;[^:;]*)*):(.*)$/i.exec(line) ?? [];
  if (name === '') return null;
  return { name: name.toUpperCase(), parameters: parameters.split(';').slice(1), value };
}
