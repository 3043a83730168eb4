CREATE TABLE "job_events" (
	"job_id" text NOT NULL,
	"seq" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"status" text NOT NULL,
	"phase" text,
	"attempt" integer NOT NULL,
	"provider" text NOT NULL,
	"model" text NOT NULL,
	"code" text,
	CONSTRAINT "job_events_job_id_seq_pk" PRIMARY KEY("job_id","seq")
);
--> statement-breakpoint
CREATE TABLE "tombstones" (
	"job_id" text PRIMARY KEY NOT NULL,
	"caller" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"deleted_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
DROP INDEX "jobs_by_caller";--> statement-breakpoint
ALTER TABLE "idempotency_keys" DROP CONSTRAINT "idempotency_keys_caller_key_pk";--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD COLUMN "route" text DEFAULT 'POST /v1/jobs' NOT NULL;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_caller_route_key_pk" PRIMARY KEY("caller","route","key");--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "deadline_ms" bigint;--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "jobs_by_status" ON "jobs" USING btree ("caller","status","created_at","id");--> statement-breakpoint
CREATE INDEX "jobs_by_metadata" ON "jobs" USING gin ("metadata" jsonb_path_ops) WHERE metadata <> '{}';--> statement-breakpoint
CREATE INDEX "jobs_by_caller" ON "jobs" USING btree ("caller","created_at","id");--> statement-breakpoint
-- By hand: the log of a job. A trigger and not each statement, so that whatever moves a job leaves a line. It runs
-- under the row lock of its job, which is why the next number can be read; attempts are closed by the same statement
-- as the job is moved, and an AFTER trigger sees both.
CREATE FUNCTION longhaul_log_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  next_seq integer := 0;
  why text := NEW.error ->> 'code';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    SELECT coalesce(max(seq) + 1, 0) INTO next_seq FROM job_events WHERE job_id = NEW.id;
    IF why IS NULL AND OLD.lease_owner IS NOT NULL THEN
      SELECT code INTO why FROM attempts WHERE job_id = NEW.id AND fence = OLD.fence;
    END IF;
  END IF;
  INSERT INTO job_events (job_id, seq, at, status, phase, attempt, provider, model, code)
  VALUES (NEW.id, next_seq, clock_timestamp(), NEW.status, NEW.phase, NEW.attempts, NEW.provider, NEW.target_model, why);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER jobs_log_accepted AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION longhaul_log_job();--> statement-breakpoint
CREATE TRIGGER jobs_log_moved AFTER UPDATE ON jobs FOR EACH ROW
  WHEN ((OLD.status, OLD.phase, OLD.attempts, OLD.position) IS DISTINCT FROM (NEW.status, NEW.phase, NEW.attempts, NEW.position))
  EXECUTE FUNCTION longhaul_log_job();
