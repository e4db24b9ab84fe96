-- What pages keep in memory of tables that hardly ever change (areas) is kept for one revision. A revision is never used twice, not even
-- after a rollback, and it changes in the transaction of what it stands for: so whoever has read it may keep what they read after it.
ALTER TABLE county ADD COLUMN revision uuid NOT NULL DEFAULT gen_random_uuid();

CREATE FUNCTION bangfu_county_revised() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  UPDATE county SET revision = gen_random_uuid();
  RETURN NULL;
END $$;
