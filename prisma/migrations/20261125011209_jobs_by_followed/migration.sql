-- The jobs that follow a job.
CREATE INDEX CONCURRENTLY "jobs_by_followed" ON "jobs" USING GIN ("follows") WHERE "follows" <> '{}';
