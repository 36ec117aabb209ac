-- CreateTable
CREATE TABLE "audit" (
    "id" BIGSERIAL NOT NULL,
    "project_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT,
    "action" TEXT NOT NULL,
    "target_kind" TEXT,
    "target_id" TEXT,
    "outcome" TEXT NOT NULL,
    "code" TEXT,
    "address" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "suppressed" INTEGER NOT NULL DEFAULT 0,
    "seq" BIGINT,
    "hash" BYTEA,

    CONSTRAINT "audit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_heads" (
    "project_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "sealed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_heads_pkey" PRIMARY KEY ("project_id")
);

-- CreateIndex
CREATE INDEX "audit_project_id_at_id_idx" ON "audit"("project_id", "at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "audit_project_id_seq_key" ON "audit"("project_id", "seq");

-- What the schema language cannot say: the few rows that the next round seals.
CREATE INDEX "audit_unsealed" ON "audit" ("id") WHERE "seq" IS NULL;
