-- While jobs_in_line is built, writes to jobs wait: one reading of the table, then a sort of the jobs that wait.
CREATE INDEX "jobs_in_line" ON "jobs" USING btree ("provider","caller","target_model","priority","ready_at","id") WHERE rung_at IS NULL AND lease_owner IS NULL AND status IN ('queued', 'in_progress');--> statement-breakpoint
DROP INDEX "jobs_to_ring";--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "spares_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "attempts_lost" ON "attempts" USING btree ("worker") WHERE code = 'worker_lost';
