DROP INDEX "jobs_ended_at";--> statement-breakpoint
CREATE INDEX "tombstones_age" ON "tombstones" USING btree ("deleted_at");--> statement-breakpoint
CREATE INDEX "jobs_ended_at" ON "jobs" USING btree ("completed_at") WHERE completed_at IS NOT NULL AND purge_at IS NULL;--> statement-breakpoint
-- By hand: the time to live counts from the end. A trigger and not each statement, so that whatever ends a job sets it.
CREATE FUNCTION longhaul_set_purge_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.purge_at := NEW.completed_at + NEW.ttl_ms * interval '1 millisecond';
  RETURN NEW;
END $$;--> statement-breakpoint
CREATE TRIGGER jobs_purge_at BEFORE UPDATE ON jobs FOR EACH ROW
  WHEN (NEW.completed_at IS NOT NULL AND OLD.completed_at IS NULL AND NEW.ttl_ms IS NOT NULL)
  EXECUTE FUNCTION longhaul_set_purge_at();
