-- The runs of all jobs of a project, in the order of their time.
CREATE INDEX CONCURRENTLY "runs_project_id_scheduled_for_id_idx" ON "runs"("project_id", "scheduled_for", "id");
