-- Apart from the triggers of jobs: a migration that locks one table only can wait for nobody who waits for it.

CREATE FUNCTION count_new_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(NEW.project_id));
  PERFORM add_usage(NEW.project_id, 0, payload_length(NEW.payload), (NEW.trigger = 'manual')::integer,
      CASE WHEN NEW.trigger = 'manual' THEN NEW.scheduled_for END, NEW.trigger = 'manual')
    FROM project_usage WHERE project_id = NEW.project_id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER count_new AFTER INSERT ON runs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.trigger = 'manual' OR NEW.payload IS NOT NULL) EXECUTE FUNCTION count_new_run();

CREATE FUNCTION count_deleted_run() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(OLD.project_id));
  PERFORM add_usage(OLD.project_id, 0, -payload_length(OLD.payload), 0, NULL, false)
    FROM project_usage WHERE project_id = OLD.project_id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER count_deleted AFTER DELETE ON runs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (OLD.payload IS NOT NULL) EXECUTE FUNCTION count_deleted_run();
