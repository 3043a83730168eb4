-- By hand, the drop comes first: it takes the strictest lock at once. After the build it would raise a lock that statements
-- wait for which hold a weaker one of jobs themselves, a deadlock that ends this transaction under load every time.
-- While jobs_in_line is built, jobs can neither be read nor written: one reading of the table, then a sort of those that wait.
DROP INDEX "jobs_to_ring";--> statement-breakpoint
CREATE INDEX "jobs_in_line" ON "jobs" USING btree ("provider","caller","target_model","priority","ready_at","id") WHERE rung_at IS NULL AND lease_owner IS NULL AND status IN ('queued', 'in_progress');--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "spares_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "attempts_lost" ON "attempts" USING btree ("worker") WHERE code = 'worker_lost';
