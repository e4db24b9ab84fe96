-- The limit of those who see the households of their duty only. `bangfu.duty` is told with the scope (bangfu.foundation.acting):
-- 'all', or the user whose duties limit. Where nothing was told, the limit holds and nobody's duties fill it.

CREATE FUNCTION bangfu_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('bangfu.today', true), '')::date, bangfu_now()::date) $$;

-- 0: all of the scope, 1: the duty. A number, and compared by <>, because the planner expects that of nearly every row, as it is.
CREATE FUNCTION bangfu_duty_limit() RETURNS integer LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN current_setting('bangfu.duty', true) = 'all' THEN 0 ELSE 1 END $$;

CREATE FUNCTION bangfu_duty_user() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT CASE WHEN bangfu_duty_limit() = 1 THEN nullif(current_setting('bangfu.duty', true), '')::bigint END $$;

CREATE FUNCTION bangfu_duty_households() RETURNS bigint[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT coalesce(array_agg(household), '{}') FROM accounts_duty
   WHERE user_id = bangfu_duty_user() AND household IS NOT NULL AND valid @> bangfu_today() $$;

CREATE FUNCTION bangfu_duty_paths() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT coalesce(array_agg(path::text), '{}') FROM accounts_duty
   WHERE user_id = bangfu_duty_user() AND household IS NULL AND valid @> bangfu_today() $$;

CREATE FUNCTION bangfu_within(place text, paths text[]) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
$$ SELECT EXISTS (SELECT FROM unnest(paths) p WHERE place COLLATE "C" >= p AND place COLLATE "C" < p || '~') $$;

-- Limit a table (and its history), beside its scope, to the duty. `whose` is the rule that finds a row's subject among the duty's
-- households, persons or units: a condition over the row, its functions asked once per statement; NULL where places alone count.
CREATE FUNCTION bangfu_limit_to_duty(target regclass, whose text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  base text := (SELECT relname FROM pg_class WHERE oid = target);
  rule text := '(SELECT bangfu_duty_limit()) <> 1' || coalesce(' OR ' || whose, '')
               || ' OR bangfu_within(path, (SELECT bangfu_duty_paths()))';
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY[base, base || '_history'] LOOP
    CONTINUE WHEN to_regclass(quote_ident(one)) IS NULL;
    EXECUTE format('DROP POLICY IF EXISTS duty ON %I', one);
    EXECUTE format('CREATE POLICY duty ON %I AS RESTRICTIVE USING (%s)', one, rule);
  END LOOP;
END $$;
