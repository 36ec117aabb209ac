-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "created_by" TEXT,
ADD COLUMN     "instance_admin" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "last_used_at" TIMESTAMPTZ(3);

-- Every key before this one was given by an operator of the instance: by its environment, or a file of its own.
UPDATE "api_keys" SET "instance_admin" = true
WHERE "role" = 'admin' AND "project_id" = '00000000-0000-7000-8000-000000000001' AND "revoked_at" IS NULL;
