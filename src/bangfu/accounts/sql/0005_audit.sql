-- The audit: written by one function, put in order as transactions commit, never changed and never taken away (docs/mechanisms/audit.md).

-- `seal` is the keyed hash of the entry's content, made by the program: its key is not in the database.
CREATE FUNCTION audit_note(
  at timestamptz, told_at timestamptz, user_id bigint, actor text, role text, act text, path text, subject text, reason text,
  detail jsonb, address text, device text, log_in bigint, seal bytea
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  INSERT INTO audit_entry (at, told_at, user_id, actor, role, act, path, subject, reason, detail, address, device, log_in, seal)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
$$;

-- As a transaction commits (a deferred trigger), its entries get their place: one transaction at a time, for the length of its commit
-- only, so that the sequence has no gaps and stands in the order of the commits (docs/adr/0008-audit-chain.md).
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  last record;
  place bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(1301), set_config('synchronous_commit', 'on', true);
  SELECT e.sequence, e.link INTO last FROM audit_entry e WHERE e.sequence IS NOT NULL ORDER BY e.sequence DESC LIMIT 1;
  place := coalesce(last.sequence, 0) + 1;
  UPDATE audit_entry e SET sequence = place, link = sha256(coalesce(last.link, '') || int8send(place) || e.seal) WHERE e.id = NEW.id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER chain AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit_chain();

-- Whoever asks, the owner too: the one change that passes is the place that an entry gets as it is committed.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_LEVEL = 'ROW' AND OLD.sequence IS NULL THEN
    OLD.sequence := NEW.sequence;
    OLD.link := NEW.link;
    IF OLD IS NOT DISTINCT FROM NEW THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_stays();
CREATE TRIGGER stays_whole BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- Read by whoever may read the audit, within the area at which they stand: `bangfu.audit` is told with the scope, empty for all others.
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
CREATE POLICY audit ON audit_entry FOR SELECT USING (
  path >= nullif(current_setting('bangfu.audit', true), '') AND path < nullif(current_setting('bangfu.audit', true), '') || '~'
);
GRANT SELECT ON audit_entry TO bangfu_web;

-- The last entry that has its place, for the anchor outside the database.
CREATE FUNCTION audit_head() RETURNS TABLE (sequence bigint, link bytea) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT e.sequence, e.link FROM audit_entry e WHERE e.sequence IS NOT NULL ORDER BY e.sequence DESC LIMIT 1 $$;

-- How often a user did something since a moment, for limits on it.
CREATE FUNCTION audit_count(who bigint, what text, since timestamptz) RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT count(*) FROM audit_entry e WHERE e.user_id = who AND e.act = what AND e.at > since $$;
