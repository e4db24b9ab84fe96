"""Cases that an inspection from above opened."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0005_votes_and_withdrawn_lines"),
    ]

    operations = [
        migrations.AlterField(
            model_name="case",
            name="source",
            field=models.CharField(
                choices=[
                    ("verdict", "verdict"),
                    ("unknown", "unknown"),
                    ("visit", "visit"),
                    ("feed", "feed"),
                    ("warning", "warning"),
                    ("self_report", "self_report"),
                    ("hotline", "hotline"),
                    ("spot_check", "spot_check"),
                    ("inspection", "inspection"),
                    ("order", "order"),
                ],
                max_length=12,
            ),
        ),
    ]
