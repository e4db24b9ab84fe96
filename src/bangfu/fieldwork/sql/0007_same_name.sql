-- Take a submission in: `new`, `same` where it is there already with this content, `more` where new files were put to it, `named` where a file of it
-- is there with other content under that name, `other` where it is there with
-- another, `shut` where the device may no longer, `unknown` for a form or version that was never published here. One statement, and durable once it is answered: the commit waits for the disk.
CREATE OR REPLACE FUNCTION fieldwork_accept(
  from_device bigint, sent_instance text, sent_form text, sent_version text, sent_deprecates text, sent_digest bytea, sent_payload bytea,
  sent_by text, sent_phone text, whole boolean, sent_files jsonb, day date, told_at timestamptz
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  d record;
  there record;
  fresh bigint;
  put bigint := 0;
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
    IF sent_files IS NOT NULL AND EXISTS (SELECT FROM fieldwork_submissionfile h JOIN jsonb_array_elements(sent_files) f ON f ->> 'name' = h.name
                                          WHERE h.submission_id = there.id AND h.file <> f ->> 'file') THEN
      RETURN 'named';
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
    GET DIAGNOSTICS put = ROW_COUNT;
    -- Somebody may have put another under that name between the two statements: nothing of this post is kept then.
    IF EXISTS (SELECT FROM fieldwork_submissionfile h JOIN jsonb_array_elements(sent_files) f ON f ->> 'name' = h.name
               WHERE h.submission_id = there.id AND h.file <> f ->> 'file') THEN
      RAISE EXCEPTION 'a file of that name came at the same moment' USING ERRCODE = 'serialization_failure';
    END IF;
  END IF;
  IF NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queueing_lock = 'bangfu.fieldwork.apply' AND status = 'todo') THEN
    INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, lock)
    VALUES ('follow', 'bangfu.fieldwork.apply', 'bangfu.fieldwork.apply', 'bangfu.fieldwork.apply') ON CONFLICT DO NOTHING;
  END IF;
  RETURN CASE WHEN fresh IS NOT NULL THEN 'new' WHEN put > 0 THEN 'more' ELSE 'same' END;
END $$;
