-- The summary rows of a project that reach into a stretch of time, though they begin before it.
CREATE INDEX CONCURRENTLY "runs_summaries_by_project" ON "runs" ("project_id", "scheduled_until") WHERE "scheduled_until" IS NOT NULL;
