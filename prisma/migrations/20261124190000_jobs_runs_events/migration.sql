-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "job_type" AS ENUM ('one-time', 'recurring');

-- CreateEnum
CREATE TYPE "job_status" AS ENUM ('pending', 'running', 'completed', 'failed', 'paused', 'cancelled');

-- CreateEnum
CREATE TYPE "priority" AS ENUM ('low', 'medium', 'high');

-- CreateEnum
CREATE TYPE "run_outcome" AS ENUM ('waiting', 'running', 'completed', 'failed', 'timed_out', 'cancelled', 'skipped_overlap', 'skipped_excluded', 'skipped_paused', 'missed');

-- CreateEnum
CREATE TYPE "run_trigger" AS ENUM ('schedule', 'manual');

-- CreateEnum
CREATE TYPE "log_level" AS ENUM ('debug', 'info', 'warn', 'error');

-- CreateTable
CREATE TABLE "projects" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "projects_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "jobs" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "type" "job_type" NOT NULL,
    "handler" TEXT NOT NULL,
    "payload" JSONB,
    "priority" "priority" NOT NULL,
    "tags" TEXT[],
    "pool" TEXT NOT NULL DEFAULT 'default',
    "execution_time" TIMESTAMPTZ(3),
    "frequency" TEXT,
    "timezone" TEXT NOT NULL,
    "timeout_ms" INTEGER NOT NULL,
    "retry" JSONB NOT NULL,
    "generation" INTEGER NOT NULL DEFAULT 1,
    "schedule_generation" INTEGER NOT NULL DEFAULT 1,
    "observed_generation" INTEGER NOT NULL DEFAULT 0,
    "dispatch_after" TIMESTAMPTZ(3) NOT NULL,
    "pause_reason" TEXT,
    "pause_until" TIMESTAMPTZ(3),
    "status" "job_status" NOT NULL DEFAULT 'pending',
    "status_number" INTEGER NOT NULL DEFAULT 1,
    "running_runs" INTEGER NOT NULL DEFAULT 0,
    "settled_until" TIMESTAMPTZ(3) NOT NULL,
    "catch_up_until" TIMESTAMPTZ(3),
    "next_run_at" TIMESTAMPTZ(3),
    "last_run_id" UUID,
    "run_count" INTEGER NOT NULL DEFAULT 0,
    "failure_count" INTEGER NOT NULL DEFAULT 0,
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "jobs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "runs" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "trigger" "run_trigger" NOT NULL,
    "fire_at" TIMESTAMPTZ(3),
    "scheduled_for" TIMESTAMPTZ(3) NOT NULL,
    "scheduled_until" TIMESTAMPTZ(3),
    "fire_count" INTEGER NOT NULL DEFAULT 1,
    "outcome" "run_outcome" NOT NULL,
    "reason" TEXT,
    "generation" INTEGER NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6),
    "result" JSONB,
    "error" JSONB,
    "node" TEXT,
    "payload" JSONB,

    CONSTRAINT "runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "run_logs" (
    "id" BIGSERIAL NOT NULL,
    "project_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "level" "log_level" NOT NULL,
    "message" TEXT NOT NULL,
    "fields" JSONB,

    CONSTRAINT "run_logs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "events" (
    "id" BIGSERIAL NOT NULL,
    "project_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "run_id" UUID,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "data" JSONB,

    CONSTRAINT "events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "nodes" (
    "id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "pools" TEXT[],
    "version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "nodes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memory" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "memory_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "projects_slug_key" ON "projects"("slug");

-- CreateIndex
CREATE INDEX "api_keys_project_id_idx" ON "api_keys"("project_id");

-- CreateIndex
CREATE INDEX "jobs_project_id_id_idx" ON "jobs"("project_id", "id");

-- CreateIndex
CREATE INDEX "jobs_project_id_status_id_idx" ON "jobs"("project_id", "status", "id");

-- CreateIndex
CREATE INDEX "runs_job_id_scheduled_for_id_idx" ON "runs"("job_id", "scheduled_for", "id");

-- CreateIndex
CREATE UNIQUE INDEX "runs_job_id_fire_at_key" ON "runs"("job_id", "fire_at");

-- CreateIndex
CREATE INDEX "run_logs_job_id_id_idx" ON "run_logs"("job_id", "id");

-- CreateIndex
CREATE INDEX "run_logs_run_id_id_idx" ON "run_logs"("run_id", "id");

-- CreateIndex
CREATE INDEX "run_logs_at_idx" ON "run_logs" USING BRIN ("at");

-- CreateIndex
CREATE INDEX "events_job_id_id_idx" ON "events"("job_id", "id");

-- CreateIndex
CREATE INDEX "events_at_idx" ON "events" USING BRIN ("at");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "jobs" ADD CONSTRAINT "jobs_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "runs" ADD CONSTRAINT "runs_job_id_fkey" FOREIGN KEY ("job_id") REFERENCES "jobs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;



-- What the schema language cannot say: indexes over the few rows that a loop looks for, and the first project.

-- The dispatcher: jobs whose newest wish Temporal does not hold, soonest due first.
CREATE INDEX "jobs_undispatched" ON "jobs" ("next_run_at" NULLS FIRST) WHERE "observed_generation" < "generation";

-- The sweep for overdue jobs.
CREATE INDEX "jobs_due" ON "jobs" ("next_run_at") WHERE "status" = 'pending';

-- The sweep for pauses whose end has come.
CREATE INDEX "jobs_paused_until" ON "jobs" ("pause_until") WHERE "status" = 'paused';

-- Runs that have not ended.
CREATE INDEX "runs_open" ON "runs" ("job_id", "id") WHERE "outcome" IN ('waiting', 'running');

INSERT INTO "projects" ("id", "slug", "name") VALUES ('00000000-0000-7000-8000-000000000001', 'default', 'Default');
