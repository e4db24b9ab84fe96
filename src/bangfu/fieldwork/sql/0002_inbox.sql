-- The inbox. What comes from a phone comes before anybody acts: it enters by one function, and only by it.

-- Devices: one's own; those of an area to whoever sees all of it.
SELECT bangfu_scope_by_path('fieldwork_device', false), bangfu_limit_to_duty('fieldwork_device', 'user_id = (SELECT bangfu_self())');
GRANT INSERT, UPDATE ON fieldwork_device TO bangfu_web;

-- Submissions: those of the scope and the duty, and one's own. Nobody takes one away, and what was sent stays as it was sent.
SELECT bangfu_scope_by_path('fieldwork_submission', false), bangfu_scope_by_path('fieldwork_submissionfile', false);
SELECT bangfu_limit_to_duty(t::regclass, 'household_id = ANY ((SELECT bangfu_duty_households())::bigint[]) OR user_id = (SELECT bangfu_self())')
FROM unnest(ARRAY['fieldwork_submission', 'fieldwork_submissionfile']) t;
GRANT INSERT, UPDATE (state, problem, released, settled_at, settled_by, path, household_id, day, evidence) ON fieldwork_submission TO bangfu_web;
GRANT INSERT ON fieldwork_submissionfile TO bangfu_web;
-- A content is read by whoever reads its submission, and acts.
ALTER TABLE fieldwork_content ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON fieldwork_content
  USING ((SELECT bangfu_self()) IS NOT NULL AND EXISTS (SELECT FROM fieldwork_submission s WHERE s.id = submission_id));
GRANT SELECT, INSERT ON fieldwork_content TO bangfu_web;

-- Encrypted content does not grow smaller: nobody tries.
ALTER TABLE fieldwork_content ALTER COLUMN payload SET STORAGE EXTERNAL;

-- What was sent is evidence: whoever asks, the owner too, its content stays.
CREATE FUNCTION fieldwork_sent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a submission is evidence: its content does not change';
END $$;
CREATE TRIGGER stays BEFORE UPDATE OF instance, form, version, deprecates, digest, received_at ON fieldwork_submission
  FOR EACH ROW WHEN ((OLD.instance, OLD.form, OLD.version, OLD.deprecates, OLD.digest, OLD.received_at)
                     IS DISTINCT FROM (NEW.instance, NEW.form, NEW.version, NEW.deprecates, NEW.digest, NEW.received_at))
  EXECUTE FUNCTION fieldwork_sent_stays();

-- Who a device is, by its name or by the digest of its secret: nothing for one that was revoked, or whose worker no longer acts.
CREATE FUNCTION fieldwork_device_of(named text, secret bytea, day date)
  RETURNS TABLE (id bigint, name text, user_id bigint, worker text, assignment bigint, path text, key bytea, ha1 bytea)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT d.id, d.name, d.user_id, u.name, d.assignment_id, d.path, d.key, d.ha1
  FROM fieldwork_device d JOIN accounts_user u ON u.id = d.user_id JOIN accounts_assignment a ON a.id = d.assignment_id
  WHERE (d.name = named OR d.key = secret) AND d.revoked_at IS NULL AND u.is_active AND a.valid @> day
$$;

-- Take a submission in: `new`, `same` where it is there already with this content (its new files are put to it), `other` where it is there with
-- another, `shut` where the device may no longer, `unknown` for a form or version that was never published here. One statement, and durable once it is answered: the commit waits for the disk.
CREATE FUNCTION fieldwork_accept(
  from_device bigint, sent_instance text, sent_form text, sent_version text, sent_deprecates text, sent_digest bytea, sent_payload bytea,
  sent_by text, sent_phone text, whole boolean, sent_files jsonb, day date, told_at timestamptz
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  d record;
  there record;
  fresh bigint;
BEGIN
  SELECT v.path, v.user_id, u.name INTO d
  FROM fieldwork_device v JOIN accounts_user u ON u.id = v.user_id JOIN accounts_assignment a ON a.id = v.assignment_id
  WHERE v.id = from_device AND v.revoked_at IS NULL AND u.is_active AND a.valid @> day;
  IF NOT FOUND THEN
    RETURN 'shut';
  END IF;
  IF NOT EXISTS (SELECT FROM fieldwork_formversion v JOIN fieldwork_form f ON f.id = v.form_id
                 WHERE f.key = sent_form AND v.version = sent_version AND v.state <> 'draft') THEN
    RETURN 'unknown';
  END IF;
  PERFORM set_config('synchronous_commit', 'on', true);
  INSERT INTO fieldwork_submission (path, instance, form, version, deprecates, digest, came_by, device_id, user_id, worker, phone,
                                    received_at, recorded_from, state, settled_by, released)
  VALUES (d.path, sent_instance, sent_form, sent_version, sent_deprecates, sent_digest, sent_by, from_device, d.user_id, d.name,
          sent_phone, told_at, told_at, CASE WHEN whole THEN 'waiting' ELSE 'incomplete' END, '', false)
  ON CONFLICT (instance) DO NOTHING RETURNING id INTO fresh;
  IF fresh IS NULL THEN
    SELECT s.id, s.digest, s.state, s.path, s.household_id, s.user_id INTO there FROM fieldwork_submission s WHERE s.instance = sent_instance;
    IF there.digest <> sent_digest THEN
      RETURN 'other';
    END IF;
    IF whole AND there.state = 'incomplete' THEN
      UPDATE fieldwork_submission SET state = 'waiting' WHERE id = there.id;
    END IF;
  ELSE
    INSERT INTO fieldwork_content (submission_id, payload) VALUES (fresh, sent_payload);
    SELECT fresh AS id, d.path AS path, NULL::bigint AS household_id, d.user_id AS user_id INTO there;
  END IF;
  IF sent_files IS NOT NULL THEN
    INSERT INTO fieldwork_submissionfile (submission_id, path, household_id, user_id, name, file, kind, size, place, received_at)
    SELECT there.id, there.path, there.household_id, there.user_id, f ->> 'name', f ->> 'file', f ->> 'kind', (f ->> 'size')::integer,
           decode(f ->> 'place', 'base64'), told_at
    FROM jsonb_array_elements(sent_files) f
    ON CONFLICT (submission_id, name) DO NOTHING;
  END IF;
  IF NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = 'bangfu.fieldwork.apply' AND status = 'todo') THEN
    INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, lock)
    VALUES ('follow', 'bangfu.fieldwork.apply', 'bangfu.fieldwork.apply', 'bangfu.fieldwork.apply') ON CONFLICT DO NOTHING;
  END IF;
  RETURN CASE WHEN fresh IS NULL THEN 'same' ELSE 'new' END;
END $$;
