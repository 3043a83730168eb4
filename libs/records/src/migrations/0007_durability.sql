ALTER TABLE "jobs" ADD COLUMN "payload_version" smallint DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "ttl_ms" bigint;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "purge_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "jobs_ended_at" ON "jobs" USING btree ("completed_at") WHERE completed_at IS NOT NULL;--> statement-breakpoint
CREATE INDEX "jobs_purge_at" ON "jobs" USING btree ("purge_at") WHERE purge_at IS NOT NULL;