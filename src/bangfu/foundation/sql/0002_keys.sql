-- The county's keys by name, and by what each is told from any other; the keys themselves lie in the key folder.
CREATE TABLE secret_key (
  name text PRIMARY KEY,
  fingerprint bytea NOT NULL,
  made timestamptz NOT NULL DEFAULT now(),
  retired timestamptz
);
GRANT SELECT ON secret_key TO bangfu_web;

-- Whether the transaction only puts ciphertext under another key: nothing that anybody knows changes, so that no history is written and
-- no row is stamped. Only for members of the owner's role; the web role cannot claim it.
CREATE FUNCTION bangfu_resealing() RETURNS boolean LANGUAGE sql STABLE AS
$$ SELECT coalesce(current_setting('bangfu.resealing', true), '') = 'on'
      AND pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'public.secret_key'::regclass), 'MEMBER') $$;

CREATE OR REPLACE FUNCTION bangfu_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT bangfu_resealing() THEN
    NEW.recorded_from := bangfu_now();
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION bangfu_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT bangfu_resealing() THEN
    NEW.pristine := false;
  END IF;
  RETURN NEW;
END $$;

-- As in 0001, but for the last condition of what is kept.
CREATE OR REPLACE FUNCTION bangfu_keep_history(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  base text := (SELECT relname FROM pg_class WHERE oid = target);
  kept text := base || '_history';
  columns text;
  missing record;
BEGIN
  EXECUTE format('CREATE TABLE IF NOT EXISTS %I (LIKE %I)', kept, base);
  EXECUTE format('ALTER TABLE %I ADD COLUMN IF NOT EXISTS recorded_until timestamptz NOT NULL,
                                 ADD COLUMN IF NOT EXISTS recorded_by text,
                                 ADD COLUMN IF NOT EXISTS operation text NOT NULL', kept);
  FOR missing IN
    SELECT a.attname, format_type(a.atttypid, a.atttypmod) AS kind FROM pg_attribute a
    WHERE a.attrelid = target AND a.attnum > 0 AND NOT a.attisdropped
      AND NOT EXISTS (SELECT 1 FROM pg_attribute h WHERE h.attrelid = kept::regclass AND h.attname = a.attname AND NOT h.attisdropped)
  LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN %I %s', kept, missing.attname, missing.kind);
  END LOOP;
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
  WHERE attrelid = target AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $t$
    BEGIN
      INSERT INTO %2$I (%3$s, recorded_until, recorded_by, operation)
      SELECT %3$s, bangfu_now(), nullif(current_setting('bangfu.actor', true), ''), TG_OP FROM old_rows
      WHERE recorded_from < bangfu_now() AND NOT (TG_OP = 'UPDATE' AND bangfu_resealing());
      RETURN NULL;
    END $t$ $f$, kept || '_keep', kept, columns);
  EXECUTE format('CREATE OR REPLACE TRIGGER keep_updated AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows
                  FOR EACH STATEMENT EXECUTE FUNCTION %I()', base, kept || '_keep');
  EXECUTE format('CREATE OR REPLACE TRIGGER keep_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows
                  FOR EACH STATEMENT EXECUTE FUNCTION %I()', base, kept || '_keep');
  EXECUTE format('CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION bangfu_stamp()', base);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (id, recorded_until)', left(kept, 50) || '_id', kept);
END $$;

-- Tables that have a history already.
SELECT bangfu_keep_history(replace(tgfoid::regproc::text, '_history_keep', '')::regclass)
FROM pg_trigger WHERE tgname = 'keep_updated';
