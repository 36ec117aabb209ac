-- CreateTable
CREATE TABLE "redrives" (
    "run_id" UUID NOT NULL,
    "job_id" UUID NOT NULL,
    "project_id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT,

    CONSTRAINT "redrives_pkey" PRIMARY KEY ("run_id")
);

-- CreateIndex
CREATE INDEX "redrives_due_at_idx" ON "redrives"("due_at");
