/**
 * What a project may use, as an instance admin sets it. A day is one of UTC.
 *
 * - `openJobs`: jobs that have not ended. Counted at submission; a retry of one that ended is not refused.
 * - `submissionsPerDay`: jobs that are submitted or imported, and runs that are asked for by "run now".
 * - `runningRuns`: runs under way at once; those beyond wait.
 * - `payloadBytes`: the payloads of all jobs, and of runs that have one of their own.
 * - `logBytesPerDay`: what runs log; what is beyond is left out, and the runs go on.
 */
export const quotaNames = ['openJobs', 'submissionsPerDay', 'runningRuns', 'payloadBytes', 'logBytesPerDay'] as const;
export type QuotaName = (typeof quotaNames)[number];

/** The limit of each quota; null: none. */
export type Quotas = { readonly [Name in QuotaName]: number | null };

/** What a change of quotas sets; what is left out stays. */
export type QuotaChanges = { readonly [Name in QuotaName]?: number | null | undefined };

/** A quota beside what is used of it, which is counted only where there is a limit. */
export interface QuotaUse {
  readonly limit: number | null;
  readonly used: number | undefined;
}
export type QuotaUses = { readonly [Name in QuotaName]: QuotaUse };
