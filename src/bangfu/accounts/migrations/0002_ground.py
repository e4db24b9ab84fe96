"""Users, roles and sessions are read before anybody has a scope: a log-in happens outside every area."""

from django.db import migrations

from bangfu.foundation import ddl


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("foundation", "0001_ground"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0001_initial"),
    ]
    operations = [
        ddl.machinery("accounts_user", grants="SELECT, INSERT, UPDATE"),
        ddl.machinery("accounts_assignment", grants="SELECT, INSERT, UPDATE"),
        ddl.machinery("django_session", "django_content_type"),
        migrations.RunSQL(
            "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO bangfu_web;"
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO bangfu_web",
            migrations.RunSQL.noop,
        ),
    ]
