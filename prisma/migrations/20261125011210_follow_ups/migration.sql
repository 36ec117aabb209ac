-- CreateTable
CREATE TABLE "follow_ups" (
    "id" BIGSERIAL NOT NULL,
    "project_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "run_id" UUID NOT NULL,
    "outcome" "run_outcome" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "follow_ups_pkey" PRIMARY KEY ("id")
);
