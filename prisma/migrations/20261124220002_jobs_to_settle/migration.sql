-- The sweep for excluded fires whose time has come.
CREATE INDEX CONCURRENTLY "jobs_to_settle" ON "jobs" ("settle_at") WHERE "settle_at" IS NOT NULL;
