-- Tables of what is examined of somebody's work: whoever sees no more than a duty sees nothing of them, whatever their duty is.
CREATE FUNCTION bangfu_close_to_duty(target regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  base text := (SELECT relname FROM pg_class WHERE oid = target);
  one text;
BEGIN
  FOREACH one IN ARRAY ARRAY[base, base || '_history'] LOOP
    CONTINUE WHEN to_regclass(quote_ident(one)) IS NULL;
    EXECUTE format('DROP POLICY IF EXISTS duty ON %I', one);
    EXECUTE format('CREATE POLICY duty ON %I AS RESTRICTIVE USING ((SELECT bangfu_duty_limit()) <> 1)', one);
  END LOOP;
END $$;
