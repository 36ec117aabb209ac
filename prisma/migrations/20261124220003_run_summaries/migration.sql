-- The few rows that tell of a long stretch of fires: to find the one that tells of a given fire.
CREATE INDEX CONCURRENTLY "runs_summaries" ON "runs" ("job_id", "scheduled_for") WHERE "scheduled_until" IS NOT NULL;
