-- What follows counts what projects with quotas use, in the transaction that uses it and whoever writes it: also a process
-- of the release before. A change of a job or a run counts when it commits, after all locks of jobs, so that nobody who holds
-- the count waits for a job.

-- Whoever counts shares this lock; who sets quotas, and counts what is there, holds it alone.
CREATE FUNCTION usage_lock_of(project uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS
$$ SELECT uuid_hash_extended(project, 7) $$;

CREATE FUNCTION is_open(status job_status) RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT status IN ('pending', 'running', 'paused') $$;

CREATE FUNCTION payload_length(payload jsonb) RETURNS integer LANGUAGE sql IMMUTABLE AS
$$ SELECT coalesce(octet_length(payload::text), 0) $$;

CREATE FUNCTION refuse_over_quota(quota text, quota_limit bigint, used bigint, retry_after_ms bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'CQ001', MESSAGE = 'over the quota ' || quota,
    DETAIL = json_build_object('name', quota, 'limit', quota_limit, 'used', used, 'retryAfterMs', retry_after_ms)::text;
END $$;

-- Adds to what a project uses. What would be over a quota is refused, where `refuses`; a project without quotas has no row.
CREATE FUNCTION add_usage(project uuid, jobs integer, bytes bigint, submitted integer, at timestamptz, refuses boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  today date := (at AT TIME ZONE 'UTC')::date;
  found_usage record;
BEGIN
  UPDATE project_usage u SET
    open_jobs = u.open_jobs + jobs,
    payload_bytes = u.payload_bytes + bytes,
    submissions = CASE WHEN today > u.day THEN submitted ELSE u.submissions + submitted END,
    log_bytes = CASE WHEN today > u.day THEN 0 ELSE u.log_bytes END,
    day = greatest(u.day, today)
  FROM projects p WHERE u.project_id = project AND p.id = project
  RETURNING u.*, p.quota_open_jobs, p.quota_payload_bytes, p.quota_submissions_per_day INTO found_usage;
  IF NOT FOUND OR NOT refuses THEN RETURN; END IF;
  IF jobs > 0 AND found_usage.open_jobs > found_usage.quota_open_jobs THEN
    PERFORM refuse_over_quota('openJobs', found_usage.quota_open_jobs, found_usage.open_jobs - jobs, NULL);
  END IF;
  IF bytes > 0 AND found_usage.payload_bytes > found_usage.quota_payload_bytes THEN
    PERFORM refuse_over_quota('payloadBytes', found_usage.quota_payload_bytes, found_usage.payload_bytes - bytes, NULL);
  END IF;
  IF submitted > 0 AND found_usage.submissions > found_usage.quota_submissions_per_day THEN
    PERFORM refuse_over_quota('submissionsPerDay', found_usage.quota_submissions_per_day, found_usage.submissions - submitted,
      (extract(epoch FROM ((found_usage.day + 1)::timestamp AT TIME ZONE 'UTC') - at) * 1000)::bigint);
  END IF;
END $$;

CREATE FUNCTION count_new_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(project_id)) FROM new_jobs;
  -- Another statement, which sees what was committed while the lock was waited for.
  PERFORM add_usage(project_id, count(*) FILTER (WHERE is_open(status))::integer, sum(payload_length(payload)), count(*)::integer,
      max(created_at), true)
    FROM new_jobs JOIN project_usage USING (project_id) GROUP BY project_id;
  RETURN NULL;
END $$;
CREATE TRIGGER count_new AFTER INSERT ON jobs REFERENCING NEW TABLE AS new_jobs FOR EACH STATEMENT EXECUTE FUNCTION count_new_jobs();

CREATE FUNCTION count_changed_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(NEW.project_id));
  -- A retry opens a job again, which no quota refuses: the job was submitted once already.
  PERFORM add_usage(NEW.project_id, is_open(NEW.status)::integer - is_open(OLD.status)::integer,
      payload_length(NEW.payload) - payload_length(OLD.payload), 0, NULL, NEW.payload IS DISTINCT FROM OLD.payload)
    FROM project_usage WHERE project_id = NEW.project_id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER count_changed AFTER UPDATE ON jobs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
  WHEN (NEW.payload IS DISTINCT FROM OLD.payload
    OR (NEW.status IN ('pending', 'running', 'paused')) <> (OLD.status IN ('pending', 'running', 'paused')))
  EXECUTE FUNCTION count_changed_job();

CREATE FUNCTION count_deleted_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(usage_lock_of(project_id)) FROM old_jobs;
  PERFORM add_usage(project_id, -count(*) FILTER (WHERE is_open(status))::integer, -sum(payload_length(payload)), 0, NULL, false)
    FROM old_jobs JOIN project_usage USING (project_id) GROUP BY project_id;
  RETURN NULL;
END $$;
CREATE TRIGGER count_deleted AFTER DELETE ON jobs REFERENCING OLD TABLE AS old_jobs FOR EACH STATEMENT EXECUTE FUNCTION count_deleted_jobs();
