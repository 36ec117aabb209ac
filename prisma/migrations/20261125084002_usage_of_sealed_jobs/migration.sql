-- A sealed payload counts with the bytes that it takes: octet_length reads none of them.
CREATE FUNCTION payload_length(payload jsonb, sealed bytea) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(octet_length(payload::text), 0) + coalesce(octet_length(sealed), 0) $$;

CREATE OR REPLACE FUNCTION count_new_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(project_id)) FROM new_jobs;
  -- Another statement, which sees what was committed while the lock was waited for.
  PERFORM add_usage(project_id, count(*) FILTER (WHERE is_open(status))::integer, sum(payload_length(payload, payload_sealed)),
      count(*)::integer, max(created_at), true)
    FROM new_jobs JOIN project_usage USING (project_id) GROUP BY project_id;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION count_changed_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(NEW.project_id));
  -- Only what somebody asked for is refused: a retry opens a job that was submitted once already, and another key seals
  -- the payload that is there.
  PERFORM add_usage(NEW.project_id, is_open(NEW.status)::integer - is_open(OLD.status)::integer,
      payload_length(NEW.payload, NEW.payload_sealed) - payload_length(OLD.payload, OLD.payload_sealed), 0, NULL,
      NEW.generation <> OLD.generation
        AND (NEW.payload IS DISTINCT FROM OLD.payload OR NEW.payload_sealed IS DISTINCT FROM OLD.payload_sealed))
    FROM project_usage WHERE project_id = NEW.project_id;
  RETURN NULL;
END $$;
DROP TRIGGER count_changed ON jobs;
CREATE CONSTRAINT TRIGGER count_changed AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.payload IS DISTINCT FROM OLD.payload OR NEW.payload_sealed IS DISTINCT FROM OLD.payload_sealed
    OR (NEW.status IN ('pending', 'running', 'paused')) <> (OLD.status IN ('pending', 'running', 'paused')))
  EXECUTE FUNCTION count_changed_job();

CREATE OR REPLACE FUNCTION count_deleted_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(project_id)) FROM old_jobs;
  PERFORM add_usage(project_id, -count(*) FILTER (WHERE is_open(status))::integer, -sum(payload_length(payload, payload_sealed)), 0,
      NULL, false)
    FROM old_jobs JOIN project_usage USING (project_id) GROUP BY project_id;
  RETURN NULL;
END $$;

-- They write what the project itself may only read; made anew, a function has its caller's rights again.
DO $$
DECLARE
  counting text;
BEGIN
  FOREACH counting IN ARRAY ARRAY['count_new_jobs', 'count_changed_job', 'count_deleted_jobs'] LOOP
    EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = %I, pg_temp', counting, current_schema());
  END LOOP;
END $$;
