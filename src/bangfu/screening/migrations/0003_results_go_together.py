"""Which results a guarantee has: the planner takes guarantee and result for independent and would expect hundreds of households
where there are three, then walk through the county to find the first page of them."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("screening", "0002_ground")]
    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS screening_verdict_result (mcv) ON guarantee, result FROM screening_verdict",
            "DROP STATISTICS screening_verdict_result",
        )
    ]
