-- Which jobs a calendar's change concerns. Alone in its migration: an index that is built without locking the table
-- can't be built in a transaction.
CREATE INDEX CONCURRENTLY "jobs_by_calendar" ON "jobs" USING gin ("calendar_ids") WHERE "calendar_ids" <> '{}';
