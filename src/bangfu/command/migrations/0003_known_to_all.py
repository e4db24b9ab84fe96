"""What a pairing must be held against even where the one who pairs does not see it: loads across townships, and whether an officer is poor."""

from django.db import migrations

FUNCTIONS = """
    CREATE FUNCTION bangfu_helper_loads(helpers bigint[]) RETURNS TABLE (helper bigint, principal bigint, held bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
      SELECT p.helper_id, count(*) FILTER (WHERE p.principal), count(*) FROM command_pairing p
      WHERE p.helper_id = ANY(helpers) AND upper_inf(p.valid) GROUP BY 1 $$;
    CREATE FUNCTION bangfu_poor_officers(officers bigint[], day date) RETURNS TABLE (officer bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
      SELECT DISTINCT o.id FROM command_officer o
      JOIN register_membership m ON m.person_id = o.person_id AND m.sort = 'farming' AND m.valid @> day
      JOIN register_kind k ON k.household_id = m.household_id AND k.valid @> day AND k.kind IN ('registered', 'monitored')
      WHERE o.id = ANY(officers) $$;
"""
UNDO = "DROP FUNCTION bangfu_helper_loads(bigint[]); DROP FUNCTION bangfu_poor_officers(bigint[], date);"


class Migration(migrations.Migration):
    dependencies = [("command", "0002_ground"), ("register", "0007_income_lines")]
    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
