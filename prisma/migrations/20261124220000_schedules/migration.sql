-- CreateEnum
CREATE TYPE "overlap_policy" AS ENUM ('skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all');

-- CreateEnum
CREATE TYPE "catch_up_policy" AS ENUM ('none', 'last', 'all');

-- AlterEnum
ALTER TYPE "run_trigger" ADD VALUE 'backfill';
ALTER TYPE "run_trigger" ADD VALUE 'retry';

-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "calendar_ids" UUID[] DEFAULT ARRAY[]::UUID[],
ADD COLUMN     "catch_up" "catch_up_policy" NOT NULL DEFAULT 'last',
ADD COLUMN     "catch_up_window_ms" BIGINT NOT NULL DEFAULT 3600000,
ADD COLUMN     "max_runs" INTEGER,
ADD COLUMN     "next_fire_at" TIMESTAMPTZ(3),
ADD COLUMN     "overlap" "overlap_policy" NOT NULL DEFAULT 'skip',
ADD COLUMN     "schedule" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "schedule_run_count" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "settle_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "effective_at" TIMESTAMPTZ(3),
ADD COLUMN     "parallel" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "retry_of" UUID;

-- CreateTable
CREATE TABLE "calendars" (
    "id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "definition" JSONB NOT NULL,
    "days" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "replaced_at" TIMESTAMPTZ(3),

    CONSTRAINT "calendars_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "calendars_project_id_name_idx" ON "calendars"("project_id", "name");

-- AddForeignKey
ALTER TABLE "calendars" ADD CONSTRAINT "calendars_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- What the schema language cannot say: one calendar of a name at a time.
CREATE UNIQUE INDEX "calendars_current" ON "calendars" ("project_id", "name") WHERE "replaced_at" IS NULL;

-- Jobs that go on may get a limit of runs later: what they have run counts. The others are left alone, which are nearly all.
UPDATE "jobs" SET "schedule_run_count" = (
  SELECT count(*) FROM "runs" WHERE "runs"."job_id" = "jobs"."id" AND "trigger" = 'schedule' AND "attempts" > 0
) WHERE "type" = 'recurring' AND "run_count" > 0 AND "status" IN ('pending', 'running', 'paused');
