"""The pages put jobs into the queue: what the web role needs of the queue's tables and functions."""

from django.db import migrations


class Migration(migrations.Migration):
    initial = True
    dependencies = [("procrastinate", "0041_post_retry_failed_job")]
    operations = [
        migrations.RunSQL(
            """
            DO $$
            DECLARE one text;
            BEGIN
              FOR one IN SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                         WHERE n.nspname = 'public' AND c.relname LIKE 'procrastinate%' AND c.relkind IN ('r', 'p')
              LOOP EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO bangfu_web', one); END LOOP;
            END $$;
            """,
            migrations.RunSQL.noop,
        )
    ]
