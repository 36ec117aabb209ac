-- What the API does for a project it does as the role carillon_project, with the project's id in the setting carillon.project_id.
-- That role has no rights to the tables. It has views of their names, in the schema project_rows, which show and take the rows of
-- that project only, whatever a statement says. docs/decisions/0015-rows-of-one-project.md says why these are not policies.

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
END $$;

CREATE SCHEMA IF NOT EXISTS project_rows;
GRANT USAGE ON SCHEMA public, project_rows TO carillon_project;

-- Lets API calls work with a table whose rows belong to projects, as far as `privileges` go. To be called again when columns were
-- added; before columns are dropped, DROP VIEW project_rows.<table>. Without the setting, statements fail.
CREATE FUNCTION open_to_project(opened name, privileges text, project_column name DEFAULT 'project_id') RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  sequence regclass;
BEGIN
  EXECUTE format('DROP VIEW IF EXISTS project_rows.%I', opened);
  EXECUTE format('CREATE VIEW project_rows.%I WITH (check_option = cascaded) AS SELECT * FROM public.%I
    WHERE %I = current_setting(''carillon.project_id'')::uuid', opened, opened, project_column);
  EXECUTE format('GRANT %s ON project_rows.%I TO carillon_project', privileges, opened);
  FOR sequence IN SELECT objid::regclass FROM pg_depend JOIN pg_sequence ON seqrelid = objid
    WHERE classid = 'pg_class'::regclass AND refobjid = format('public.%I', opened)::regclass AND deptype IN ('a', 'i')
  LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO carillon_project', sequence);
  END LOOP;
END $$;

SELECT open_to_project('projects', 'SELECT, UPDATE (weight, max_running_runs)', 'id');
SELECT open_to_project('project_usage', 'SELECT');
SELECT open_to_project('api_keys', 'SELECT, INSERT, UPDATE (expires_at, revoked_at)');
SELECT open_to_project('signing_keys', 'SELECT, INSERT, UPDATE (expires_at), DELETE');
SELECT open_to_project('idempotent_calls', 'SELECT, INSERT, UPDATE');
SELECT open_to_project('jobs', 'SELECT, INSERT, UPDATE');
SELECT open_to_project('runs', 'SELECT, INSERT, UPDATE, DELETE');
SELECT open_to_project('attempts', 'SELECT');
SELECT open_to_project('calendars', 'SELECT, INSERT, UPDATE');
SELECT open_to_project('run_logs', 'SELECT');
SELECT open_to_project('events', 'SELECT, INSERT');
SELECT open_to_project('redrives', 'SELECT, INSERT, UPDATE, DELETE');
-- The workers are no project's.
GRANT SELECT ON nodes TO carillon_project;

-- What counts a project's use writes what the project itself may only read.
ALTER FUNCTION count_new_jobs() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION count_changed_job() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION count_deleted_jobs() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION count_new_run() SECURITY DEFINER SET search_path = public, pg_temp;
ALTER FUNCTION count_deleted_run() SECURITY DEFINER SET search_path = public, pg_temp;
