-- By hand: what belongs to a deleted job goes with it. A trigger and not the statement that deletes, because that one
-- may have waited for a settlement whose log line its own snapshot does not see.
CREATE FUNCTION longhaul_forget_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM job_events WHERE job_id = OLD.id;
  DELETE FROM attempts WHERE job_id = OLD.id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER jobs_forget AFTER DELETE ON jobs FOR EACH ROW EXECUTE FUNCTION longhaul_forget_job();
