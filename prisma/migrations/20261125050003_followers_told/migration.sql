-- AlterTable
ALTER TABLE "follow_ups" ADD COLUMN "told_to" UUID;
