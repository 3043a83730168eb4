CREATE TABLE "attempts" (
	"job_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"number" integer NOT NULL,
	"lane" text NOT NULL,
	"model" text NOT NULL,
	"ring" integer NOT NULL,
	"worker" text NOT NULL,
	"status" text DEFAULT 'running' NOT NULL,
	"code" text,
	"message" text,
	"call_phase" text,
	"upstream_status" integer,
	"upstream_request_id" text,
	"first_token_ms" integer,
	"started_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "attempts_job_id_fence_pk" PRIMARY KEY("job_id","fence")
);
--> statement-breakpoint
CREATE TABLE "cooldowns" (
	"scope" text PRIMARY KEY NOT NULL,
	"until" timestamp with time zone NOT NULL,
	"code" text NOT NULL,
	"strikes" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"caller" text NOT NULL,
	"key" text NOT NULL,
	"fingerprint" text NOT NULL,
	"job_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_caller_key_pk" PRIMARY KEY("caller","key")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" text PRIMARY KEY NOT NULL,
	"caller" text NOT NULL,
	"type" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"phase" text,
	"model" text NOT NULL,
	"input" jsonb NOT NULL,
	"chain" jsonb NOT NULL,
	"decision" jsonb NOT NULL,
	"position" integer DEFAULT 0 NOT NULL,
	"provider" text NOT NULL,
	"target_model" text NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"max_calls" integer NOT NULL,
	"output_budget" integer,
	"priority" smallint DEFAULT 5 NOT NULL,
	"ready_at" timestamp with time zone NOT NULL,
	"ring" integer DEFAULT 1 NOT NULL,
	"rung_at" timestamp with time zone,
	"fence" bigint DEFAULT 0 NOT NULL,
	"lease_owner" text,
	"lease_until" timestamp with time zone,
	"deaths" integer DEFAULT 0 NOT NULL,
	"deadline_at" timestamp with time zone NOT NULL,
	"timeout_ms" integer,
	"fallback_on_refusal" boolean DEFAULT false NOT NULL,
	"cancel_requested_at" timestamp with time zone,
	"output" jsonb,
	"error" jsonb,
	"incomplete_reason" text,
	"usage" jsonb,
	"cost_nano_usd" bigint,
	"progress" jsonb,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"retry_of" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	CONSTRAINT "jobs_status" CHECK (status IN ('queued', 'in_progress', 'completed', 'incomplete', 'failed', 'cancelled')),
	CONSTRAINT "jobs_lease" CHECK ((lease_owner IS NULL) = (lease_until IS NULL))
);
--> statement-breakpoint
CREATE TABLE "lanes" (
	"name" text PRIMARY KEY NOT NULL,
	"cap" integer NOT NULL,
	"override_cap" integer,
	"wants_total_at" timestamp with time zone,
	"refused" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "ledger" (
	"job_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"caller" text NOT NULL,
	"provider" text NOT NULL,
	"model" text NOT NULL,
	"call" text NOT NULL,
	"usage" jsonb,
	"price" jsonb,
	"nano_usd" bigint,
	"booked_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "ledger_job_id_fence_pk" PRIMARY KEY("job_id","fence")
);
--> statement-breakpoint
CREATE TABLE "slots" (
	"scope" text NOT NULL,
	"n" integer NOT NULL,
	"lane" text,
	"job_id" text,
	"fence" bigint,
	"lease_until" timestamp with time zone,
	CONSTRAINT "slots_scope_n_pk" PRIMARY KEY("scope","n")
);
--> statement-breakpoint
CREATE INDEX "jobs_to_ring" ON "jobs" USING btree ("provider","priority" DESC NULLS LAST,"ready_at","id") WHERE rung_at IS NULL AND lease_owner IS NULL AND status IN ('queued', 'in_progress');--> statement-breakpoint
CREATE INDEX "jobs_ready_next" ON "jobs" USING btree ("provider","ready_at") WHERE rung_at IS NULL AND lease_owner IS NULL AND status IN ('queued', 'in_progress');--> statement-breakpoint
CREATE INDEX "jobs_rung" ON "jobs" USING btree ("provider","rung_at") WHERE rung_at IS NOT NULL AND lease_owner IS NULL AND status IN ('queued', 'in_progress');--> statement-breakpoint
CREATE INDEX "jobs_leased" ON "jobs" USING btree ("id") WHERE lease_owner IS NOT NULL;--> statement-breakpoint
CREATE INDEX "jobs_deadline" ON "jobs" USING btree ("deadline_at") WHERE lease_owner IS NULL AND status IN ('queued', 'in_progress');--> statement-breakpoint
CREATE INDEX "jobs_by_caller" ON "jobs" USING btree ("caller","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
-- By hand: room on the page for the next version of a row keeps the updates of slots and leases heap-only.
ALTER TABLE "slots" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "jobs" SET (fillfactor = 80);
