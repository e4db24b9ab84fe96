-- Who reads messages and receipts. Three ways, told by bangfu.foundation.acting: one's own (`bangfu.actor`), those of the area at which
-- messages are managed (`bangfu.messages`, empty for all other roles), and what is for the chat group of an area within the scope.

CREATE FUNCTION bangfu_manages(place text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT place COLLATE "C" >= nullif(current_setting('bangfu.messages', true), '')
     AND place COLLATE "C" < nullif(current_setting('bangfu.messages', true), '') || '~'
$$;

CREATE FUNCTION bangfu_self() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN current_setting('bangfu.actor', true) ~ '^[0-9]{1,18}$' THEN current_setting('bangfu.actor', true)::bigint END
$$;

ALTER TABLE messages_message ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages_receipt ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages_receipt_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages_channel ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages_channel_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages_address ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages_rhythm ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages_rhythm_history ENABLE ROW LEVEL SECURITY;

CREATE POLICY reader ON messages_receipt FOR SELECT USING (
  user_id = (SELECT bangfu_self()) OR bangfu_manages(path)
  OR (channel = 'group_text' AND path >= nullif(current_setting('bangfu.scope', true), '') AND path < nullif(current_setting('bangfu.scope', true), '') || '~'));
CREATE POLICY reader ON messages_receipt_history FOR SELECT USING (
  user_id = (SELECT bangfu_self()) OR bangfu_manages(path)
  OR (channel = 'group_text' AND path >= nullif(current_setting('bangfu.scope', true), '') AND path < nullif(current_setting('bangfu.scope', true), '') || '~'));
-- One reads one's own, and notes that one has copied a text into a group.
CREATE POLICY opened ON messages_receipt FOR UPDATE USING (user_id = (SELECT bangfu_self())) WITH CHECK (user_id = (SELECT bangfu_self()));
CREATE POLICY copied ON messages_receipt FOR INSERT WITH CHECK (
  user_id = (SELECT bangfu_self()) AND channel = 'group_text' AND state = 'copied'
  AND path >= nullif(current_setting('bangfu.scope', true), '') AND path < nullif(current_setting('bangfu.scope', true), '') || '~');
GRANT SELECT ON messages_receipt, messages_receipt_history TO bangfu_web;
GRANT INSERT ON messages_receipt TO bangfu_web;
GRANT UPDATE (state, read_at) ON messages_receipt TO bangfu_web;

CREATE POLICY reader ON messages_message FOR SELECT USING (
  bangfu_manages(path) OR EXISTS (SELECT FROM messages_receipt r WHERE r.message_id = messages_message.id AND r.user_id = (SELECT bangfu_self()))
  OR (to_group AND path >= nullif(current_setting('bangfu.scope', true), '') AND path < nullif(current_setting('bangfu.scope', true), '') || '~'));
GRANT SELECT ON messages_message TO bangfu_web;

CREATE POLICY reader ON messages_channel FOR SELECT USING (bangfu_manages(path));
CREATE POLICY reader ON messages_channel_history FOR SELECT USING (bangfu_manages(path));
CREATE POLICY put_in ON messages_channel FOR INSERT WITH CHECK (bangfu_manages(path));
CREATE POLICY changed ON messages_channel FOR UPDATE USING (bangfu_manages(path)) WITH CHECK (bangfu_manages(path));
GRANT SELECT ON messages_channel, messages_channel_history TO bangfu_web;
GRANT INSERT ON messages_channel TO bangfu_web;
GRANT UPDATE ON messages_channel TO bangfu_web;

CREATE POLICY reader ON messages_address FOR SELECT USING (user_id = (SELECT bangfu_self()));
CREATE POLICY put_in ON messages_address FOR INSERT WITH CHECK (user_id = (SELECT bangfu_self()));
CREATE POLICY changed ON messages_address FOR UPDATE USING (user_id = (SELECT bangfu_self())) WITH CHECK (user_id = (SELECT bangfu_self()));
CREATE POLICY taken ON messages_address FOR DELETE USING (user_id = (SELECT bangfu_self()));
GRANT SELECT ON messages_address TO bangfu_web;
GRANT INSERT ON messages_address TO bangfu_web;
GRANT UPDATE ON messages_address TO bangfu_web;
GRANT DELETE ON messages_address TO bangfu_web;

-- The county's rhythm is read by everybody who is somebody; a user's own by that user.
CREATE POLICY reader ON messages_rhythm FOR SELECT USING ((user_id IS NULL AND bangfu_self() IS NOT NULL) OR user_id = (SELECT bangfu_self()));
CREATE POLICY reader ON messages_rhythm_history FOR SELECT USING ((user_id IS NULL AND bangfu_self() IS NOT NULL) OR user_id = (SELECT bangfu_self()));
CREATE POLICY put_in ON messages_rhythm FOR INSERT WITH CHECK (
  user_id = (SELECT bangfu_self()) OR (user_id IS NULL AND nullif(current_setting('bangfu.messages', true), '') IS NOT NULL));
CREATE POLICY changed ON messages_rhythm FOR UPDATE
  USING (user_id = (SELECT bangfu_self()) OR (user_id IS NULL AND nullif(current_setting('bangfu.messages', true), '') IS NOT NULL))
  WITH CHECK (user_id = (SELECT bangfu_self()) OR (user_id IS NULL AND nullif(current_setting('bangfu.messages', true), '') IS NOT NULL));
CREATE POLICY taken ON messages_rhythm FOR DELETE USING (
  user_id = (SELECT bangfu_self()) OR (user_id IS NULL AND nullif(current_setting('bangfu.messages', true), '') IS NOT NULL));
GRANT SELECT ON messages_rhythm, messages_rhythm_history TO bangfu_web;
GRANT INSERT ON messages_rhythm TO bangfu_web;
GRANT UPDATE ON messages_rhythm TO bangfu_web;
GRANT DELETE ON messages_rhythm TO bangfu_web;

-- Tell: messages with their readers, each once. Whoever tells need not see what others are told, so this is the one way to write it.
-- A person tells of places within the scope, or of the area at which messages are managed; the sender is who acts. Returns, per new
-- receipt, nothing but the number: how many were told that had not been told.
CREATE FUNCTION message_send(sent jsonb, since timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  at_work boolean := pg_has_role(session_user, (SELECT relowner FROM pg_class WHERE oid = 'public.messages_message'::regclass), 'MEMBER')
                     AND current_setting('role') <> 'bangfu_web';
  told bigint;
  groups bigint;
BEGIN
  IF NOT at_work AND EXISTS (
    SELECT FROM jsonb_array_elements(sent) m
    WHERE NOT coalesce((m ->> 'path') COLLATE "C" >= nullif(current_setting('bangfu.scope', true), '')
                       AND (m ->> 'path') COLLATE "C" < nullif(current_setting('bangfu.scope', true), '') || '~', false)
      AND NOT coalesce(bangfu_manages(m ->> 'path'), false)
  ) THEN
    RAISE EXCEPTION 'row-level security: a message about a place outside the scope';
  END IF;
  WITH new AS (
    INSERT INTO messages_message (key, kind, path, content, deadline, link, urgent, personal, to_group, sender_id, sender_name, at, spread)
    SELECT m ->> 'key', m ->> 'kind', m ->> 'path', decode(m ->> 'content', 'base64'), (m ->> 'deadline')::date, m ->> 'link',
           (m ->> 'urgent')::boolean, (m ->> 'personal')::boolean, (m ->> 'to_group')::boolean, bangfu_self(), m ->> 'sender', since, false
    FROM jsonb_array_elements(sent) m
    ON CONFLICT (key) DO NOTHING RETURNING to_group
  ) SELECT count(*) FILTER (WHERE to_group) INTO groups FROM new;
  INSERT INTO messages_receipt (message_id, channel, user_id, path, state, queued_at, sent_at, attempts, reason, provider_key, digest)
  SELECT DISTINCT k.id, 'in_app', u.id, k.path, 'sent', since, since, 0, '', '', false
  FROM jsonb_array_elements(sent) m
  JOIN messages_message k ON k.key = m ->> 'key'
  CROSS JOIN LATERAL jsonb_array_elements_text(m -> 'users') reader
  JOIN accounts_user u ON u.id = reader::bigint AND u.is_active
  WHERE NOT k.to_group
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS told = ROW_COUNT;
  IF told > 0 THEN  -- readers who came later are given their receipts of the outer channels too
    UPDATE messages_message k SET spread = false FROM jsonb_array_elements(sent) m WHERE k.key = m ->> 'key' AND k.spread;
  END IF;
  RETURN told + groups;
END $$;

-- The settings, encrypted, of the gateway whose address is called.
CREATE FUNCTION message_gateway(door bytea) RETURNS bytea LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS
$$ SELECT settings FROM messages_channel WHERE callback = door $$;

-- A gateway reports on a message by the key that it gave it. `door` is the keyed hash of the secret in the address that it calls.
CREATE FUNCTION message_reported(door bytea, given text, arrived boolean, words text, since timestamptz) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  changed bigint;
BEGIN
  UPDATE messages_receipt r
  SET state = CASE WHEN arrived THEN 'delivered' ELSE 'failed' END, delivered_at = CASE WHEN arrived THEN since END,
      reason = CASE WHEN arrived THEN '' ELSE left(words, 300) END, retry_at = NULL
  FROM messages_channel c
  WHERE c.id = r.route_id AND c.callback = door AND r.provider_key = given AND given <> '' AND r.state = 'sent';
  GET DIAGNOSTICS changed = ROW_COUNT;
  RETURN changed;
END $$;
