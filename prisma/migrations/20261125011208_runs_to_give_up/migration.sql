-- The runs that wait for something, and until when.
CREATE INDEX CONCURRENTLY "runs_to_give_up" ON "runs" ("wait_until") WHERE "outcome" = 'waiting' AND "wait_until" IS NOT NULL;
