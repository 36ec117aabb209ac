-- The jobs that follow others and have not ended, for the round that looks after them.
CREATE INDEX CONCURRENTLY "jobs_chained_open" ON "jobs" ("id") WHERE "follows" <> '{}' AND "status" IN ('pending', 'paused');
