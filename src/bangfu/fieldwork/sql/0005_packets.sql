-- Packets between stations. What went and came is evidence: nobody changes or takes it away.

CREATE POLICY reader ON fieldwork_packetrow
  USING ((SELECT bangfu_self()) IS NOT NULL AND EXISTS (SELECT FROM fieldwork_packet p WHERE p.id = packet_id));
ALTER TABLE fieldwork_packetrow ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON fieldwork_packetrow TO bangfu_web;
GRANT INSERT ON fieldwork_packet TO bangfu_web;
GRANT INSERT, UPDATE ON fieldwork_partner TO bangfu_web;
CREATE FUNCTION fieldwork_packet_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a packet that went or came does not change';
END $$;
CREATE TRIGGER stays BEFORE UPDATE ON fieldwork_packet FOR EACH ROW EXECUTE FUNCTION fieldwork_packet_stays();
CREATE TRIGGER stays BEFORE UPDATE ON fieldwork_packetrow FOR EACH ROW EXECUTE FUNCTION fieldwork_packet_stays();

-- The kept lists of the newest package of each partner above, where its area and the acting scope meet: also for whoever stands below the partner's area
-- (a group, a grid) and sees no packets. What they see of a list is decided by their scope and duty.
CREATE FUNCTION fieldwork_packages() RETURNS TABLE (lists text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT newest.lists FROM (
    SELECT DISTINCT ON (k.partner_id) k.partner_id, k.lists FROM fieldwork_packet k JOIN fieldwork_partner p ON p.id = k.partner_id
    WHERE k.lists <> '' AND p.side = 'above' AND p.revoked_at IS NULL
      AND (starts_with(p.path, nullif(current_setting('bangfu.scope', true), '')) OR starts_with(nullif(current_setting('bangfu.scope', true), ''), p.path))
    ORDER BY k.partner_id, k.number DESC
  ) newest ORDER BY newest.partner_id
$$;

-- Of some numbers of households those that the register does not have; it tells nothing else of those that it has.
CREATE FUNCTION fieldwork_lacking(numbers text[]) RETURNS SETOF text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT n FROM unnest(numbers) n WHERE NOT EXISTS (SELECT FROM register_household h WHERE h.sort = 'farming' AND h.number = n)
$$;
