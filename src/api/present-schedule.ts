import type { z } from 'zod';
import type { Explanation, ImportedLine } from '../commands/index.js';
import type { Calendar, CalendarSummary } from '../contract/calendars.js';
import type { ImportAnswer } from '../contract/import.js';
import type { ExplainAnswer, PreviewFire, UpdatePreview } from '../contract/answers.js';
import { localText, type PreviewedFire } from '../schedule/index.js';
import type { CalendarDetails, CalendarListed } from '../store/calendars.js';
import type { PayloadReader } from './payload-reader.js';
import { at, atOrNone, optional, waitingAnswer } from './present.js';
import { runAnswer } from './present-run.js';

/** How schedules, explanations, calendars and imports look in answers. Each field is named here. */

export function previewedFire(fire: PreviewedFire): PreviewFire {
  const isPutOff = fire.runAt !== null && fire.runAt !== fire.fireAt;
  return {
    local: fire.local,
    utc: at(fire.fireAt),
    ...optional('effectiveAt', isPutOff ? atOrNone(fire.runAt) : null),
    ...(fire.isExcluded ? { excluded: true } : {}),
    notes: fire.notes,
  };
}

export function changePreview(
  jobId: string,
  change: { understoodAs: string; disappear: PreviewedFire[]; appear: PreviewedFire[]; until: number | null },
): z.output<typeof UpdatePreview> {
  return {
    jobId,
    status: 'preview',
    understoodAs: change.understoodAs,
    disappear: change.disappear.map(previewedFire),
    appear: change.appear.map(previewedFire),
    ...optional('until', atOrNone(change.until)),
  };
}

export function explanationAnswer(
  jobId: string,
  { at: instant, code, sentence, understoodAs, notes, fire, run, waiting, before, after, timeZone }: Explanation,
  reader: PayloadReader | null,
): ExplainAnswer {
  return {
    jobId,
    at: at(instant),
    code,
    sentence,
    understoodAs,
    notes,
    ...(fire && {
      fire: { scheduledFor: at(fire.fireAt), effectiveAt: at(fire.runAt), local: localText(fire.fireAt, timeZone) },
    }),
    ...(run && { run: runAnswer(run, reader) }),
    ...(waiting && { waiting: waitingAnswer(waiting) }),
    ...optional('before', atOrNone(before)),
    ...optional('after', atOrNone(after)),
  };
}

export function calendarAnswer(calendar: CalendarDetails): Calendar {
  const { dates, weekdays, recurring } = calendar.definition as Pick<Calendar, 'dates' | 'weekdays' | 'recurring'>;
  return {
    name: calendar.name,
    ...(dates && { dates }),
    ...(weekdays && { weekdays }),
    ...(recurring && { recurring }),
    jobs: calendar.jobs,
    lastUpdated: at(calendar.updatedAt),
    updatedBy: calendar.updatedBy,
  };
}

export function calendarSummary({ name, entries, jobs, updatedAt, updatedBy }: CalendarListed): CalendarSummary {
  return { name, entries, jobs, lastUpdated: at(updatedAt), updatedBy };
}

export function importedJob(
  { line, job, understoodAs, notes }: ImportedLine,
  { isDryRun, reader }: { isDryRun: boolean; reader: PayloadReader | null },
): ImportAnswer['jobs'][number] {
  return {
    line,
    ...(isDryRun ? {} : { jobId: job.id }),
    jobName: job.name,
    frequency: [job.frequency ?? ''].flat().join(', '),
    timezone: job.timezone,
    handler: job.handler,
    payload: reader?.payloadOf(job),
    understoodAs,
    nextRunAt: at(job.next?.runAt ?? 0),
    notes,
  };
}
