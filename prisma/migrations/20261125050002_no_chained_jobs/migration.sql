-- "jobs_chained_open" has taken its place, also for the statement of the release before.
DROP INDEX CONCURRENTLY "jobs_chained";
