CREATE TABLE "reservations" (
	"job_id" text NOT NULL,
	"fence" bigint NOT NULL,
	"credential" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"tokens" bigint NOT NULL,
	CONSTRAINT "reservations_job_id_fence_pk" PRIMARY KEY("job_id","fence")
);
--> statement-breakpoint
CREATE TABLE "target_health" (
	"target" text PRIMARY KEY NOT NULL,
	"samples" bigint NOT NULL,
	"success_rate" double precision NOT NULL,
	"latency_ms" double precision,
	"first_token_ms" double precision,
	"recent_ms" integer[] NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_days" (
	"credential" text NOT NULL,
	"day" date NOT NULL,
	"tokens" bigint NOT NULL,
	CONSTRAINT "usage_days_credential_day_pk" PRIMARY KEY("credential","day")
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "adjustments" jsonb;--> statement-breakpoint
ALTER TABLE "cooldowns" ADD COLUMN "probe_job" text;--> statement-breakpoint
ALTER TABLE "cooldowns" ADD COLUMN "probe_fence" bigint;--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "credential" text;--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "requests_per_minute" integer;--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "tokens_per_minute" bigint;--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "tokens_per_day" bigint;--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "seen_requests_per_minute" integer;--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "seen_tokens_per_minute" bigint;--> statement-breakpoint
ALTER TABLE "lanes" ADD COLUMN "limits_seen_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "reservations_window" ON "reservations" USING btree ("credential","at");