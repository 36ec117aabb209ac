-- The runs that hold a place of a concurrency key, and those that wait for one, in their order.
CREATE INDEX CONCURRENTLY "runs_by_concurrency_key" ON "runs" ("project_id", "concurrency_key", "id")
  WHERE "outcome" IN ('waiting', 'running') AND "concurrency_key" IS NOT NULL;
