import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** What a process measures. Labels have few values each: names that users choose are none of them. */
export type Metrics = ReturnType<typeof createMetrics>;

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const LATENESS_SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const DISPATCH_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const RUN_SECONDS = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3_600];

export interface MetricsOptions {
  /** Adds the metrics of the Node process itself. */
  process?: boolean;
  /** Counts the jobs that wait to be dispatched: asked at each scrape. */
  countUndispatched?: () => Promise<number>;
}

/** Makes the metrics of a process, in a registry of their own. */
export function createMetrics(options: MetricsOptions = {}) {
  const { countUndispatched } = options;
  const registry = new Registry();
  const registers = [registry];
  if (options.process) collectDefaultMetrics({ register: registry });

  return {
    registry,
    /** Requests by method, route template (`unmatched` for none) and status. */
    httpRequestSeconds: new Histogram({
      name: 'carillon_http_request_duration_seconds',
      help: 'Time to answer HTTP requests.',
      labelNames: ['method', 'route', 'status'] as const,
      buckets: REQUEST_SECONDS,
      registers,
    }),
    jobsSubmitted: new Counter({ name: 'carillon_jobs_submitted_total', help: 'Jobs accepted.', registers }),
    /** Jobs whose newest wish Temporal does not hold. */
    undispatched: new Gauge({
      name: 'carillon_jobs_undispatched',
      help: 'Jobs that wait to be handed to Temporal.',
      registers,
      ...(countUndispatched && {
        async collect(this: Gauge) {
          // A scrape must not fail because the database does: the other metrics are needed then most.
          this.set(await countUndispatched().catch(() => Number.NaN));
        },
      }),
    }),
    /** From the commit of a change to the moment that Temporal holds it. */
    dispatchSeconds: new Histogram({
      name: 'carillon_dispatch_lag_seconds',
      help: 'Time from a change of a job to Temporal holding it.',
      buckets: DISPATCH_SECONDS,
      registers,
    }),
    dispatchFailures: new Counter({
      name: 'carillon_dispatch_failures_total',
      help: 'Attempts to hand a job to Temporal that failed; each is repeated.',
      registers,
    }),
    /** From the instant that the schedule named to the begin of the handler's first attempt. */
    startLatenessSeconds: new Histogram({
      name: 'carillon_run_start_lateness_seconds',
      help: 'How late runs begin.',
      buckets: LATENESS_SECONDS,
      registers,
    }),
    runSeconds: new Histogram({
      name: 'carillon_run_duration_seconds',
      help: 'How long attempts of runs take.',
      labelNames: ['handler'] as const,
      buckets: RUN_SECONDS,
      registers,
    }),
    runsFinished: new Counter({
      name: 'carillon_runs_total',
      help: 'Runs that ended, by outcome.',
      labelNames: ['handler', 'outcome'] as const,
      registers,
    }),
    /** Runs that a node holds until their instant, or that wait for a handler slot. */
    heldRuns: new Gauge({ name: 'carillon_runs_held', help: 'Runs held until their instant.', registers }),
    runningRuns: new Gauge({ name: 'carillon_runs_running', help: 'Handlers at work.', registers }),
  };
}
