CREATE TABLE "config_versions" (
	"version" bigint PRIMARY KEY NOT NULL,
	"overrides" jsonb NOT NULL,
	"changes" jsonb NOT NULL,
	"author" text NOT NULL,
	"reason" text NOT NULL,
	"kind" text NOT NULL,
	"rolled_back_to" bigint,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "config_versions_kind" CHECK (kind IN ('change', 'rollback', 'reload')),
	CONSTRAINT "config_versions_rollback" CHECK ((rolled_back_to IS NOT NULL) = (kind = 'rollback'))
);
