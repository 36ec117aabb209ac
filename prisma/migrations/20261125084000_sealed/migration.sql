-- AlterTable
ALTER TABLE "jobs" ADD COLUMN     "payload_sealed" BYTEA;

-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "payload_sealed" BYTEA,
ADD COLUMN     "result_sealed" BYTEA;

-- AlterTable
ALTER TABLE "signing_keys" ADD COLUMN     "key_sealed" BYTEA,
ALTER COLUMN "key" DROP NOT NULL;

-- A view has the columns that its table had.
SELECT open_to_project('jobs', 'SELECT, INSERT, UPDATE');
SELECT open_to_project('runs', 'SELECT, INSERT, UPDATE, DELETE');
SELECT open_to_project('signing_keys', 'SELECT, INSERT, UPDATE (expires_at), DELETE');
