-- CreateEnum
CREATE TYPE "wait_reason" AS ENUM ('concurrency', 'project', 'condition');

-- CreateEnum
CREATE TYPE "attempt_outcome" AS ENUM ('failed', 'timed_out', 'lost', 'stopped');

-- AlterEnum
ALTER TYPE "run_outcome" ADD VALUE 'skipped_condition';

-- AlterEnum
ALTER TYPE "run_trigger" ADD VALUE 'chain';

-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "after" JSONB,
ADD COLUMN     "concurrency" JSONB,
ADD COLUMN     "deadline_ms" INTEGER,
ADD COLUMN     "follows" UUID[] DEFAULT ARRAY[]::UUID[];

-- AlterTable
ALTER TABLE "nodes" ADD COLUMN     "load" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "projects" ADD COLUMN     "max_running_runs" INTEGER,
ADD COLUMN     "weight" DOUBLE PRECISION NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "admitted" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "attempt_started_at" TIMESTAMPTZ(6),
ADD COLUMN     "cancel_request" JSONB,
ADD COLUMN     "concurrency_key" TEXT,
ADD COLUMN     "progress" JSONB,
ADD COLUMN     "upstream" JSONB,
ADD COLUMN     "wait_until" TIMESTAMPTZ(3),
ADD COLUMN     "waits_for" "wait_reason";

-- CreateTable
CREATE TABLE "attempts" (
    "run_id" UUID NOT NULL,
    "attempt" INTEGER NOT NULL,
    "project_id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(6),
    "finished_at" TIMESTAMPTZ(6) NOT NULL,
    "outcome" "attempt_outcome" NOT NULL,
    "error" JSONB,
    "node" TEXT,

    CONSTRAINT "attempts_pkey" PRIMARY KEY ("run_id","attempt")
);

-- AddForeignKey
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "runs"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
