-- Apart from the triggers of jobs: a migration that locks one table only can wait for nobody who waits for it.

CREATE OR REPLACE FUNCTION count_new_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(NEW.project_id));
  PERFORM add_usage(NEW.project_id, 0, payload_length(NEW.payload, NEW.payload_sealed), (NEW.trigger = 'manual')::integer,
      CASE WHEN NEW.trigger = 'manual' THEN NEW.scheduled_for END, NEW.trigger = 'manual')
    FROM project_usage WHERE project_id = NEW.project_id;
  RETURN NULL;
END $$;
DROP TRIGGER count_new ON runs;
CREATE CONSTRAINT TRIGGER count_new AFTER INSERT ON runs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.trigger = 'manual' OR NEW.payload IS NOT NULL OR NEW.payload_sealed IS NOT NULL) EXECUTE FUNCTION count_new_run();

-- The payload of a run changes only when another key seals it. Whoever ends a run does not write these columns.
CREATE FUNCTION count_changed_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(NEW.project_id));
  PERFORM add_usage(NEW.project_id, 0,
      payload_length(NEW.payload, NEW.payload_sealed) - payload_length(OLD.payload, OLD.payload_sealed), 0, NULL, false)
    FROM project_usage WHERE project_id = NEW.project_id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER count_changed AFTER UPDATE OF payload, payload_sealed ON runs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.payload IS DISTINCT FROM OLD.payload OR NEW.payload_sealed IS DISTINCT FROM OLD.payload_sealed)
  EXECUTE FUNCTION count_changed_run();

CREATE OR REPLACE FUNCTION count_deleted_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(OLD.project_id));
  PERFORM add_usage(OLD.project_id, 0, -payload_length(OLD.payload, OLD.payload_sealed), 0, NULL, false)
    FROM project_usage WHERE project_id = OLD.project_id;
  RETURN NULL;
END $$;
DROP TRIGGER count_deleted ON runs;
CREATE CONSTRAINT TRIGGER count_deleted AFTER DELETE ON runs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.payload IS NOT NULL OR OLD.payload_sealed IS NOT NULL) EXECUTE FUNCTION count_deleted_run();

-- They write what the project itself may only read; made anew, a function has its caller's rights again.
DO $$
DECLARE
  counting text;
BEGIN
  FOREACH counting IN ARRAY ARRAY['count_new_run', 'count_changed_run', 'count_deleted_run'] LOOP
    EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = %I, pg_temp', counting, current_schema());
  END LOOP;
END $$;
