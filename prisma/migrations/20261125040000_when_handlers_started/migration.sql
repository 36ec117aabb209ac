-- AlterTable
ALTER TABLE "runs" ADD COLUMN     "handler_started_at" TIMESTAMPTZ(6);
