"""The functions that every table stands on, and the change table."""

from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    initial = True
    operations = [
        BtreeGistExtension(),
        ddl.sql_file(__file__, "0001_functions.sql"),
        migrations.RunSQL(
            """
            CREATE TABLE change (
              household bigint NOT NULL,
              cause text NOT NULL,
              xid xid8 NOT NULL DEFAULT pg_current_xact_id()
            );
            CREATE INDEX change_xid ON change (xid);
            CREATE TABLE follower (name text PRIMARY KEY, watermark xid8 NOT NULL);
            CREATE TABLE county (
              only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
              name_zh text NOT NULL,
              name_en text NOT NULL,
              country text NOT NULL,
              path text COLLATE "C" NOT NULL,
              synthetic boolean NOT NULL DEFAULT false,
              clock timestamptz
            );
            ALTER TABLE change ENABLE ROW LEVEL SECURITY;
            CREATE POLICY note ON change FOR INSERT WITH CHECK (nullif(current_setting('bangfu.scope', true), '') IS NOT NULL);
            CREATE POLICY version ON change FOR SELECT USING (nullif(current_setting('bangfu.scope', true), '') IS NOT NULL);
            GRANT SELECT, INSERT ON change TO bangfu_web;
            GRANT SELECT ON county TO bangfu_web;
            """,
            "DROP TABLE change; DROP TABLE follower; DROP TABLE county;",
        ),
    ]
