-- What was signed and said stays as it was: people write it once. Of a link they may only say that it is void.
REVOKE UPDATE, DELETE ON fieldwork_signature, fieldwork_contact, fieldwork_signinglink FROM bangfu_web;
GRANT UPDATE (revoked_at) ON fieldwork_signinglink TO bangfu_web;

-- Signing by a link comes from somebody without a log-in: it enters by one function, and only by it.

-- What a key opens, and, where a signature is told, the signature itself. No row for a key that is wrong, used, revoked, out of date or tried too
-- often, nor for an address that has shown too many wrong keys: nobody learns which. `counted` counts a try before anything of it is looked at.
CREATE FUNCTION fieldwork_sign(
  shown bytea, asker bytea, level text, counted boolean, told bytea, kept text, sort text, bytes integer
) RETURNS TABLE (visit bigint, path text, day date, mode text, worker text, visitor bigint, village text, village_en text)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
#variable_conflict use_column
DECLARE
  l record;
  v record;
BEGIN
  IF (SELECT count(*) FROM fieldwork_wrongkey w WHERE w.address = asker AND w.at > bangfu_now() - interval '1 hour') >= 30 THEN
    RETURN;
  END IF;
  SELECT k.id, k.visit_id, k.user_id, k.made_by INTO l FROM fieldwork_signinglink k
  WHERE k.key = shown AND k.used_at IS NULL AND k.revoked_at IS NULL AND k.expires >= bangfu_today() AND k.tries < 20 FOR UPDATE;
  IF FOUND THEN
    SELECT s.id, s.path, s.household_id, s.day, s.mode, s.worker, s.user_id INTO v FROM fieldwork_visit s WHERE s.id = l.visit_id AND s.signed = '' FOR UPDATE;
  END IF;
  IF NOT FOUND THEN
    DELETE FROM fieldwork_wrongkey w WHERE w.at <= bangfu_now() - interval '1 hour';
    INSERT INTO fieldwork_wrongkey (address, at) VALUES (asker, bangfu_now());
    RETURN;
  END IF;
  IF counted THEN
    UPDATE fieldwork_signinglink k SET tries = k.tries + 1 WHERE k.id = l.id;
  END IF;
  IF told IS NOT NULL THEN
    INSERT INTO fieldwork_signature (path, household_id, visit_id, way, signer, file, kind, size, user_id, entered_by)
    VALUES (v.path, v.household_id, v.id, 'link', told, kept, sort, bytes, l.user_id, l.made_by);
    UPDATE fieldwork_visit s SET signed = 'link' WHERE s.id = v.id;
    UPDATE fieldwork_signinglink k SET used_at = bangfu_now() WHERE k.id = l.id;
  END IF;
  RETURN QUERY SELECT v.id::bigint, v.path::text, v.day::date, v.mode::text, v.worker::text, v.user_id::bigint, a.name::text, a.name_en::text
    FROM (SELECT 1) one LEFT JOIN LATERAL (
      SELECT x.name, x.name_en FROM areas_area x WHERE x.level = fieldwork_sign.level AND starts_with(v.path, x.path) LIMIT 1) a ON true;
END $$;
