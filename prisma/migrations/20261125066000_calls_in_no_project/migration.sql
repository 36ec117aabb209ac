-- Instance admins who sign in act in no project: their calls have the zero UUID there.
-- DropForeignKey
ALTER TABLE "idempotent_calls" DROP CONSTRAINT "idempotent_calls_project_id_fkey";
