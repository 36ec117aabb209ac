-- The newest runs of a job that began and ended: what a job that follows it looks for.
CREATE INDEX CONCURRENTLY "runs_by_end" ON "runs" ("job_id", "finished_at" DESC) WHERE "attempts" > 0;
