-- AlterTable
ALTER TABLE "idempotent_calls" ADD COLUMN     "body_sealed" BYTEA;

SELECT open_to_project('idempotent_calls', 'SELECT, INSERT, UPDATE');
