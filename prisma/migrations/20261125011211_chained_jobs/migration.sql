-- The jobs that follow others, for the round that looks after them.
CREATE INDEX CONCURRENTLY "jobs_chained" ON "jobs" ("id") WHERE "follows" <> '{}';
