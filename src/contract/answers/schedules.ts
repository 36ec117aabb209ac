/** What calls about schedules answer with: previews, explanations, backfills. */
import { z } from 'zod';
import { JobCommandAnswer } from './jobs.js';
import { Run } from './runs.js';
import { Waiting } from './waiting.js';
import { at, done, jobId, text, understoodAs } from './fields.js';

const local = text(
  "The same in the job's time zone: RFC 3339 with the offset that the zone has then.",
  '2026-12-01T09:30:00+00:00',
);

const notes = z
  .array(z.string())
  .describe('What is worth knowing about the fire: that the clock or a calendar moved it.');

const PreviewFire = z
  .object({
    local,
    utc: at('The fire.'),
    effectiveAt: at(
      'When the run begins, where spread or jitter put the fire off; not known before there is the job.',
    ).optional(),
    excluded: z.literal(true).optional().describe('It does not run: it is in the ledger as skipped_excluded.'),
    notes,
  })
  .meta({ id: 'PreviewFire' });
export type PreviewFire = z.output<typeof PreviewFire>;

export const PreviewAnswer = z
  .object({ understoodAs, fires: z.array(PreviewFire).describe('The fires, soonest first.') })
  .meta({ id: 'PreviewAnswer' });

export const UpdatePreview = z
  .object({
    jobId,
    status: done('preview'),
    understoodAs: understoodAs.describe('The schedule as it would be, in words.'),
    disappear: z.array(PreviewFire).describe("Fires of today's schedule that would be no more."),
    appear: z.array(PreviewFire).describe("Fires that today's schedule does not have."),
    until: at('How far both were compared; without it, to their ends.').optional(),
  })
  .meta({ id: 'UpdatePreview' });

export const UpdateAnswer = z.union([JobCommandAnswer, UpdatePreview]);

export const BackfillAnswer = z
  .object({
    jobId,
    count: z.int().describe('How many fires run, or would run.'),
    alreadyRan: z.int().describe('How many fires of the stretch have run before, and are left as they are.'),
    dryRun: z.boolean().describe('Whether they were only counted.'),
  })
  .meta({ id: 'BackfillAnswer' });

/** Why a job did, did not, or will run at an instant: stable words for programs. */
export const explanations = [
  'ran',
  'did_not_run',
  'under_way',
  'waiting',
  'will_run',
  'paused',
  'excluded',
  'overlapping',
  'overdue',
  'ended',
  'no_more_runs',
  'before_submission',
  'not_in_force',
  'no_fire',
] as const;

const ExplainedFire = z.object({
  scheduledFor: at('Its nominal time.'),
  effectiveAt: at('When its run begins: later, where spread or jitter put it off.'),
  local,
});

export const ExplainAnswer = z
  .object({
    jobId,
    at: at('The instant that was asked about.'),
    code: z
      .enum(explanations)
      .describe(
        'The explanation for programs. did_not_run: the ledger says why. overlapping: another run is in its way. overdue: it should have begun. ended, no_more_runs: the job has ended, or will have. before_submission, not_in_force: there was no job yet, or another schedule. no_fire: the schedule does not name the instant.',
      ),
    sentence: text('The explanation for people.', 'It ran and completed, after 409 ms.'),
    understoodAs: understoodAs.describe('The schedule as it is today, in words.'),
    fire: ExplainedFire.describe('The fire that is explained; left out when there is none at that instant.').optional(),
    notes,
    run: Run.describe('The run of that fire, where the ledger has one.').optional(),
    waiting: Waiting.optional().describe('Why it has not begun, where it is due or waits.'),
    before: at('The fire before it.').optional(),
    after: at('The fire after it.').optional(),
  })
  .meta({ id: 'ExplainAnswer' });
export type ExplainAnswer = z.output<typeof ExplainAnswer>;
