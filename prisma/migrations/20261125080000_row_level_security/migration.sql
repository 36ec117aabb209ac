BEGIN;

-- What the API does for a project it does as the role carillon_project, with the project's id in the setting carillon.project_id:
-- it then reaches no row of another project, whatever its statements say. The owner of the tables is not restricted: the
-- dispatcher, the workers and the housekeeping work for all projects. docs/decisions/0015-row-level-security.md.

-- A role is the whole server's: another database may have made it, or be making it at this moment.
DO $$
BEGIN
  BEGIN
    IF to_regrole('carillon_project') IS NULL THEN CREATE ROLE carillon_project NOLOGIN; END IF;
  EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN RAISE EXCEPTION 'the database user % may not create the role carillon_project', session_user
      USING ERRCODE = 'insufficient_privilege', HINT = format(
        'As an administrator: CREATE ROLE carillon_project NOLOGIN; GRANT carillon_project TO %I; then migrate again.', session_user);
  END;
  IF (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = 'carillon_project') THEN
    RAISE EXCEPTION 'the role carillon_project is not bound by row-level security'
      USING HINT = 'As an administrator: ALTER ROLE carillon_project NOSUPERUSER NOBYPASSRLS; then migrate again.';
  END IF;
  BEGIN
    SET LOCAL ROLE carillon_project;
    RESET ROLE;
  EXCEPTION WHEN insufficient_privilege THEN
    BEGIN
      GRANT carillon_project TO SESSION_USER;
    EXCEPTION
      WHEN unique_violation THEN NULL;
      WHEN insufficient_privilege THEN RAISE EXCEPTION 'the database user % may not act as the role carillon_project', session_user
        USING ERRCODE = 'insufficient_privilege', HINT = format(
          'As an administrator: GRANT carillon_project TO %I; then migrate again.', session_user);
    END;
  END;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO carillon_project', current_schema());
END $$;

-- For every table whose rows belong to projects, also those of later migrations: the role sees and writes the rows of the
-- project in carillon.project_id, as far as `privileges` go. Without the setting its statements fail. Can be repeated.
CREATE OR REPLACE FUNCTION restrict_to_project(target regclass, privileges text, project_column name DEFAULT 'project_id')
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  own_rows text := format('%I = current_setting(''carillon.project_id'')::uuid', project_column);
  sequence regclass;
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format('DROP POLICY IF EXISTS of_project ON %s', target);
  EXECUTE format('CREATE POLICY of_project ON %s TO carillon_project USING (%s) WITH CHECK (%s)', target, own_rows, own_rows);
  EXECUTE format('GRANT %s ON %s TO carillon_project', privileges, target);
  FOR sequence IN SELECT objid::regclass FROM pg_depend
    WHERE classid = 'pg_class'::regclass AND refobjid = target AND refobjsubid > 0 AND deptype IN ('a', 'i')
      AND objid IN (SELECT seqrelid FROM pg_sequence)
  LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO carillon_project', sequence);
  END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION restrict_to_project FROM PUBLIC;

-- What counts a project's use writes what the project itself may only read.
DO $$
DECLARE
  counting text;
BEGIN
  FOREACH counting IN ARRAY ARRAY['count_new_jobs', 'count_changed_job', 'count_deleted_jobs', 'count_new_run', 'count_deleted_run'] LOOP
    EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = %I, pg_temp', counting, current_schema());
  END LOOP;
END $$;

-- The nodes are no project's.
GRANT SELECT ON nodes TO carillon_project;

-- Each table in a transaction of its own: one that locks one table only can wait for nobody who waits for it.
COMMIT;
BEGIN; SELECT restrict_to_project('projects', 'SELECT, UPDATE (weight, max_running_runs)', 'id'); COMMIT;
BEGIN; SELECT restrict_to_project('project_usage', 'SELECT'); COMMIT;
BEGIN; SELECT restrict_to_project('api_keys', 'SELECT, INSERT, UPDATE (expires_at, revoked_at)'); COMMIT;
BEGIN; SELECT restrict_to_project('signing_keys', 'SELECT, INSERT, UPDATE (expires_at), DELETE'); COMMIT;
BEGIN; SELECT restrict_to_project('idempotent_calls', 'SELECT, INSERT, UPDATE'); COMMIT;
BEGIN; SELECT restrict_to_project('jobs', 'SELECT, INSERT, UPDATE'); COMMIT;
BEGIN; SELECT restrict_to_project('runs', 'SELECT, INSERT, UPDATE, DELETE'); COMMIT;
BEGIN; SELECT restrict_to_project('attempts', 'SELECT'); COMMIT;
BEGIN; SELECT restrict_to_project('calendars', 'SELECT, INSERT, UPDATE'); COMMIT;
BEGIN; SELECT restrict_to_project('run_logs', 'SELECT'); COMMIT;
BEGIN; SELECT restrict_to_project('events', 'SELECT, INSERT'); COMMIT;
BEGIN; SELECT restrict_to_project('follow_ups', 'SELECT'); COMMIT;
BEGIN; SELECT restrict_to_project('redrives', 'SELECT, INSERT, UPDATE, DELETE'); COMMIT;
