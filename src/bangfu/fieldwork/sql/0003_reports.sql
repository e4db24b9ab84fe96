-- The public pages act as the web role without a scope: they read and write no table of reports. These functions are all that they have.

-- The places that somebody can report for: the areas of some levels within the county, public as every list of them.
CREATE FUNCTION report_places(county text, levels text[], scheme text)
  RETURNS TABLE (path text, level text, name text, name_en text, code text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT a.path, a.level, a.name, a.name_en,
         (SELECT c.code FROM areas_areacode c WHERE c.area_id = a.id AND c.scheme = $3 AND c.valid @> bangfu_today() ORDER BY c.id LIMIT 1)
  FROM areas_area a
  WHERE a.level = ANY ($2) AND a.valid @> bangfu_today() AND a.path COLLATE "C" >= $1 AND a.path COLLATE "C" < $1 || '~'
  ORDER BY a.path
$$;

-- Why no more reports are taken just now: 'address', 'phone', 'village', or NULL. Counted by the machine's time.
CREATE FUNCTION report_refusal(place text, source bytea, phone bytea, of_address integer, of_phone integer, of_village integer)
  RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT CASE
    WHEN $2 IS NOT NULL AND (SELECT count(*) FROM fieldwork_report r
      WHERE r.source = $2 AND r.filed_at > clock_timestamp() - interval '1 hour') >= $4 THEN 'address'
    WHEN $3 IS NOT NULL AND (SELECT count(*) FROM fieldwork_report r
      WHERE r.phone_hash = $3 AND r.channel = 'web' AND r.filed_at > clock_timestamp() - interval '24 hours') >= $5 THEN 'phone'
    WHEN (SELECT count(*) FROM fieldwork_report r WHERE r.path COLLATE "C" >= $1 AND r.path COLLATE "C" < $1 || '~'
      AND r.channel = 'web' AND r.filed_at > clock_timestamp() - interval '1 hour') >= $6 THEN 'village'
  END
$$;

-- The receipt that a form was given already, NULL where it was not sent yet: the token is the form's own and nobody else's.
CREATE FUNCTION report_given(token uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT r.receipt FROM fieldwork_report r WHERE r.token = $1 $$;

-- File a report: the one way in. Gives its receipt, that of the same form where it was filed already, or why it is refused.
CREATE FUNCTION report_file(told jsonb, files jsonb, of_address integer, of_phone integer, of_village integer)
  RETURNS TABLE (receipt text, refused text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  filed bigint;
  given text;
  why text;
  place text := told ->> 'path';
  address bytea := decode(told ->> 'source', 'base64');
  number bytea := decode(told ->> 'phone_hash', 'base64');
BEGIN
  PERFORM pg_advisory_xact_lock(2660);  -- one after the other, so that what is counted stays true
  given := report_given((told ->> 'token')::uuid);
  IF given IS NOT NULL THEN
    RETURN QUERY SELECT given, NULL::text;
    RETURN;
  END IF;
  IF NOT EXISTS (SELECT FROM areas_area a WHERE a.path = place AND a.valid @> bangfu_today()) THEN
    RETURN QUERY SELECT NULL::text, 'place';
    RETURN;
  END IF;
  why := report_refusal(place, address, number, of_address, of_phone, of_village);
  IF why IS NOT NULL THEN
    RETURN QUERY SELECT NULL::text, why;
    RETURN;
  END IF;
  INSERT INTO fieldwork_report (path, receipt, channel, teller, words, name, phone, phone_hash, said_household, said_address, kind, state, reason,
                                day, answer_by, settled_by, language, token, source, filed_at, taken)
  VALUES (place, told ->> 'receipt', 'web', told ->> 'teller', decode(told ->> 'words', 'base64'), decode(told ->> 'name', 'base64'),
          decode(told ->> 'phone', 'base64'), number, decode(told ->> 'said_household', 'base64'), NULL, told ->> 'kind', 'new', '',
          bangfu_today(), bangfu_today() + (told ->> 'days')::integer, '', told ->> 'language', (told ->> 'token')::uuid, address, clock_timestamp(), false)
  RETURNING id INTO filed;
  INSERT INTO fieldwork_reportfile (path, report_id, kind, file, size)
  SELECT place, filed, f ->> 'kind', f ->> 'file', (f ->> 'size')::integer FROM jsonb_array_elements(files) f;
  RETURN QUERY SELECT told ->> 'receipt', NULL::text;
END $$;

-- Whether codes can be sent at all: a channel to telephones is at work for the whole county. Tells nothing of any report.
CREATE FUNCTION report_can_text(county text, kinds text[]) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT EXISTS (SELECT FROM messages_channel c WHERE c."on" AND c.allowed_host <> '' AND c.kind = ANY ($2) AND starts_with($1, c.path))
$$;

-- Ask where a report stands. The same is done whether there is such a receipt or not; false where the address has asked too often.
CREATE FUNCTION report_ask(asked text, source bytea, ticket uuid, most integer) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(2661);
  IF $2 IS NOT NULL AND (SELECT count(*) FROM fieldwork_reportcode c
                         WHERE c.source = $2 AND c.asked_at > clock_timestamp() - interval '1 hour') >= $4 THEN
    RETURN false;
  END IF;
  INSERT INTO fieldwork_reportcode (report_id, ticket, source, asked_at, tries, used, handled)
  SELECT (SELECT r.id FROM fieldwork_report r WHERE r.receipt = $1), $3, $2, clock_timestamp(), 0, false, false;
  RETURN true;
END $$;

-- Answer a question by its code: 'over', 'wrong' with the attempts that are left, or 'right' with states and days and nothing else. Whoever asks may
-- ask for less than five attempts and ten minutes, never for more.
CREATE FUNCTION report_where(asked uuid, code bytea, most integer, minutes integer)
  RETURNS TABLE (said text, tries_left integer, state text, reason text, day date, answer_by date, settled_on date, case_state text,
                 case_due date, case_closed_on date)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  c fieldwork_reportcode;
BEGIN
  most := least(most, 5);
  minutes := least(minutes, 10);
  SELECT * INTO c FROM fieldwork_reportcode k WHERE k.ticket = asked FOR UPDATE;
  IF NOT FOUND OR c.used OR c.tries >= most OR c.asked_at < clock_timestamp() - make_interval(mins => minutes) THEN
    RETURN QUERY SELECT 'over', 0, NULL::text, NULL::text, NULL::date, NULL::date, NULL::date, NULL::text, NULL::date, NULL::date;
    RETURN;
  END IF;
  IF c.report_id IS NULL OR c.code_hash IS NULL OR c.code_hash <> code THEN
    UPDATE fieldwork_reportcode k SET tries = k.tries + 1 WHERE k.id = c.id;
    RETURN QUERY SELECT 'wrong', most - c.tries - 1, NULL::text, NULL::text, NULL::date, NULL::date, NULL::date, NULL::text, NULL::date, NULL::date;
    RETURN;
  END IF;
  UPDATE fieldwork_reportcode k SET used = true WHERE k.id = c.id;
  RETURN QUERY
    SELECT 'right', 0, r.state::text, r.reason::text, r.day, r.answer_by, r.settled_on, k.state::text, k.due, k.closed_on
    FROM fieldwork_report r LEFT JOIN cases_case k ON k.id = r.case_id WHERE r.id = c.report_id;
END $$;

-- Files and messages of a report belong to whoever's duty the report is.
SELECT bangfu_limit_to_duty('fieldwork_reportfile', 'report_id IN (SELECT r.id FROM fieldwork_report r)');
SELECT bangfu_limit_to_duty('fieldwork_reportmessage', 'report_id IN (SELECT r.id FROM fieldwork_report r)');
