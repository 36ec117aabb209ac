-- The runs that hold a place of their project, and those that wait for something, in their order.
CREATE INDEX CONCURRENTLY "runs_by_project_place" ON "runs" ("project_id", "id")
  WHERE "outcome" IN ('waiting', 'running') AND ("outcome" = 'running' OR "admitted" OR "waits_for" IS NOT NULL);
