/** Reads a frequency: tells keyword, interval and cron apart, and finds the nearest right word for a wrong one. */
import { readCron } from './cron-expression.js';
import { excerpt } from './excerpt.js';
import { hintFor } from './frequency-hints.js';
import { looksLikeInterval, readInterval } from './interval.js';
import { isPlainText } from './limits.js';
import { keywordPeriods } from './keywords.js';
import { looksLikeRule, readRule, type RuleParts } from './rrule/index.js';
import type { Keyword, Period, Understood } from './types.js';

export type Frequency =
  | { kind: 'keyword'; keyword: Keyword }
  | { kind: 'interval'; period: Period }
  | { kind: 'cron'; expression: string }
  | { kind: 'rrule'; parts: RuleParts };

const LONGEST_FREQUENCY = 1_000;
const FORMS =
  'use a keyword (daily), an interval (every 15 minutes, PT15M), a cron expression (30 9 * * 1-5) or a recurrence rule (RRULE:FREQ=MONTHLY;BYDAY=-1FR)';

export function readFrequency(written: string): Understood<Frequency> {
  const text = written.trim();
  const refuse = (message: string): Understood<Frequency> => ({ ok: false, message });
  if (text === '') return refuse(`The frequency is empty: ${FORMS}.`);
  if (text.length > LONGEST_FREQUENCY) {
    return refuse(`The frequency has ${text.length} characters, and at most ${LONGEST_FREQUENCY} are taken: ${FORMS}.`);
  }
  // Its lines are the one thing that spans several.
  if (looksLikeRule(text) && isPlainText(text.replaceAll(/\r?\n/g, ''))) {
    const rule = readRule(text);
    return rule.ok ? { ok: true, value: { kind: 'rrule', parts: rule.value } } : rule;
  }
  if (!isPlainText(text)) {
    return refuse(`The frequency holds a control character or a letter that is not plain ASCII: ${FORMS}.`);
  }
  const lower = text.toLowerCase();
  if (isKeyword(lower)) return { ok: true, value: { kind: 'keyword', keyword: lower } };
  const read = readInOwnForm(text);
  if (read?.ok) return read;
  const hint = hintFor(text);
  if (hint !== null) return refuse(`The frequency "${excerpt(text)}" is not understood: use ${hint}.`);
  if (read !== null) return read;
  const nearest = nearestKeyword(lower);
  return refuse(
    nearest === null
      ? `The frequency "${excerpt(text)}" is not understood: ${FORMS}.`
      : `The frequency "${excerpt(text)}" is not known; did you mean "${nearest}"?`,
  );
}

/** What looks like an interval or a cron expression, read as such; null when it looks like neither. */
function readInOwnForm(text: string): Understood<Frequency> | null {
  if (looksLikeInterval(text)) {
    const period = readInterval(text);
    return period.ok ? { ok: true, value: { kind: 'interval', period: period.value } } : period;
  }
  if (looksLikeCron(text)) {
    const cron = readCron(text);
    return cron.ok ? { ok: true, value: { kind: 'cron', expression: cron.value } } : cron;
  }
  return null;
}

function isKeyword(word: string): word is Keyword {
  return Object.hasOwn(keywordPeriods, word);
}

/** A nickname, a first field that only a cron expression could have, or a star anywhere. */
function looksLikeCron(text: string): boolean {
  return /^@|^[\d*?/,+-]+( |$)|\*/.test(text);
}

/** The keyword at an edit distance of at most 2. */
function nearestKeyword(word: string): Keyword | null {
  if (word.length > 20) return null;
  let best: { keyword: Keyword; distance: number } | null = null;
  for (const keyword of Object.keys(keywordPeriods).filter(isKeyword)) {
    const distance = editDistance(word, keyword);
    if (distance <= 2 && (best === null || distance < best.distance)) best = { keyword, distance };
  }
  return best?.keyword ?? null;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
