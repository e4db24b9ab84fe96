-- The functions that every table of the product stands on. Versioned: a change is a new file and a new migration.

-- The time that the transaction was told (bangfu.foundation.acting), else the transaction's own.
CREATE FUNCTION bangfu_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('bangfu.now', true), '')::timestamptz, now()) $$;

-- A row that is changed is recorded from now on. One function for all tables.
CREATE FUNCTION bangfu_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.recorded_from := bangfu_now();
  RETURN NEW;
END $$;

-- Keep the history of a table: <table>_history holds every row as it was before an update or a delete, with the time at which
-- it ceased to be so. A first import writes none. Called again after a column was added, it extends the history table.
-- A row that was written and changed at the same recorded moment was never known to anybody and leaves no trace.
CREATE FUNCTION bangfu_keep_history(target regclass) RETURNS void LANGUAGE plpgsql AS $$
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
      WHERE recorded_from < bangfu_now();
      RETURN NULL;
    END $t$ $f$, kept || '_keep', kept, columns);
  EXECUTE format('CREATE OR REPLACE TRIGGER keep_updated AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows
                  FOR EACH STATEMENT EXECUTE FUNCTION %I()', base, kept || '_keep');
  EXECUTE format('CREATE OR REPLACE TRIGGER keep_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS old_rows
                  FOR EACH STATEMENT EXECUTE FUNCTION %I()', base, kept || '_keep');
  EXECUTE format('CREATE OR REPLACE TRIGGER stamp BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION bangfu_stamp()', base);
  EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %I (id, recorded_until)', left(kept, 50) || '_id', kept);
END $$;

-- Scope a table (and its history) to the range of paths that the transaction was given. `nullif` is essential: on a pooled
-- connection that has served somebody the setting is '' rather than NULL, and '' would be a range over every row.
CREATE FUNCTION bangfu_scope_by_path(target regclass, writable boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  base text := (SELECT relname FROM pg_class WHERE oid = target);
  rule text := $r$path >= nullif(current_setting('bangfu.scope', true), '') AND path < nullif(current_setting('bangfu.scope', true), '') || '~'$r$;
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY[base, base || '_history'] LOOP
    CONTINUE WHEN to_regclass(quote_ident(one)) IS NULL;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
    EXECUTE format('DROP POLICY IF EXISTS scope ON %I', one);
    EXECUTE format('CREATE POLICY scope ON %I USING (%s) WITH CHECK (%s)', one, rule, rule);
    EXECUTE format('GRANT SELECT%s ON %I TO bangfu_web',
                   CASE WHEN writable AND one = base THEN ', INSERT, UPDATE, DELETE' ELSE '' END, one);
  END LOOP;
END $$;

-- A table whose rows have no area: readable by whoever acts at some area of the county, by nobody without a scope.
CREATE FUNCTION bangfu_scope_county(target regclass, writable boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  base text := (SELECT relname FROM pg_class WHERE oid = target);
  rule text := $r$nullif(current_setting('bangfu.scope', true), '') IS NOT NULL$r$;
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY[base, base || '_history'] LOOP
    CONTINUE WHEN to_regclass(quote_ident(one)) IS NULL;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
    EXECUTE format('DROP POLICY IF EXISTS county ON %I', one);
    EXECUTE format('CREATE POLICY county ON %I USING (%s) WITH CHECK (%s)', one, rule, rule);
    EXECUTE format('GRANT SELECT%s ON %I TO bangfu_web',
                   CASE WHEN writable AND one = base THEN ', INSERT, UPDATE, DELETE' ELSE '' END, one);
  END LOOP;
END $$;

-- A table of the machinery (users, sessions, jobs) that is read before anybody has a scope: no policy, the grants named.
CREATE FUNCTION bangfu_open_to_web(target regclass, grants text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('GRANT %s ON %s TO bangfu_web', grants, target);
END $$;

-- Rows that are alone (bangfu.register.models.base.Alone): any update takes the mark away, and before a closed row comes in, the marks
-- of the rows that it could overlap are taken away, so that they stand in the exclusion index when it is checked. After a closed row
-- was changed likewise: what it overlaps is then refused as it comes into the index (a member who is closed and made head).
CREATE FUNCTION bangfu_touched() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.pristine := false;
  RETURN NEW;
END $$;

CREATE FUNCTION bangfu_keep_alone(target regclass, subjects text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  base text := (SELECT relname FROM pg_class WHERE oid = target);
  same text := (SELECT string_agg(format('%1$I = NEW.%1$I', s), ' OR ') FROM unnest(subjects) s);
BEGIN
  EXECUTE format($f$
    CREATE OR REPLACE FUNCTION %1$I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $t$
    BEGIN
      UPDATE %2$I SET pristine = false WHERE pristine AND (%3$s);
      RETURN NEW;
    END $t$ $f$, base || '_alone', base, same);
  EXECUTE format('CREATE OR REPLACE TRIGGER alone BEFORE INSERT ON %I FOR EACH ROW WHEN (NOT upper_inf(NEW.valid)) EXECUTE FUNCTION %I()', base, base || '_alone');
  EXECUTE format('CREATE OR REPLACE TRIGGER still_alone AFTER UPDATE ON %I FOR EACH ROW WHEN (NOT upper_inf(NEW.valid)) EXECUTE FUNCTION %I()', base, base || '_alone');
  EXECUTE format('CREATE OR REPLACE TRIGGER touched BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION bangfu_touched()', base);
END $$;
