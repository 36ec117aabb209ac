-- AlterTable
ALTER TABLE "projects" ADD COLUMN     "quota_log_bytes_per_day" BIGINT,
ADD COLUMN     "quota_open_jobs" INTEGER,
ADD COLUMN     "quota_payload_bytes" BIGINT,
ADD COLUMN     "quota_running_runs" INTEGER,
ADD COLUMN     "quota_submissions_per_day" INTEGER;

-- Not logged: it is written often, and a crash that empties it only lets a minute's counts begin anew.
CREATE UNLOGGED TABLE "rate_counts" (
    "key" TEXT NOT NULL,
    "window_start" TIMESTAMPTZ(3) NOT NULL,
    "used" INTEGER NOT NULL,

    CONSTRAINT "rate_counts_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "project_usage" (
    "project_id" UUID NOT NULL,
    "open_jobs" INTEGER NOT NULL DEFAULT 0,
    "payload_bytes" BIGINT NOT NULL DEFAULT 0,
    "day" DATE NOT NULL,
    "submissions" INTEGER NOT NULL DEFAULT 0,
    "log_bytes" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "project_usage_pkey" PRIMARY KEY ("project_id")
) WITH (fillfactor = 50);

-- AddForeignKey
ALTER TABLE "project_usage" ADD CONSTRAINT "project_usage_project_id_fkey" FOREIGN KEY ("project_id") REFERENCES "projects"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
