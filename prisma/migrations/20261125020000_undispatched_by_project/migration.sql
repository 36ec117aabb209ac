-- The dispatcher, in turn by project: those that have undispatched jobs, and the soonest due ones of each. Processes of the
-- release before still look through "jobs_undispatched"; the release after this one drops it.
CREATE INDEX CONCURRENTLY "jobs_undispatched_by_project" ON "jobs" ("project_id", "next_run_at" NULLS FIRST)
  WHERE "observed_generation" < "generation";
