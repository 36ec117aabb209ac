-- The runs that something else than their turn holds back.
CREATE INDEX CONCURRENTLY "runs_held_back" ON "runs" ("job_id", "id") WHERE "outcome" = 'waiting' AND "waits_for" IS NOT NULL;
