"""What goes beyond what the one who pairs may see or write: loads across townships, whether an officer is poor, and the duties that follow from pairings.

Duties are written by nobody else from a page: the function can only make them what the pairings say.
"""

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
    CREATE FUNCTION bangfu_project_duties(households bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
      DELETE FROM accounts_duty d WHERE d.source = 'pairing' AND d.household = ANY(households);
      INSERT INTO accounts_duty (user_id, household, path, valid, source)
      SELECT o.user_id, p.household_id, p.path, p.valid, 'pairing'
      FROM command_pairing p JOIN command_helper h ON h.id = p.helper_id JOIN command_officer o ON o.id = h.officer_id
      WHERE p.household_id = ANY(households) AND o.user_id IS NOT NULL AND NOT isempty(p.valid)
        AND NOT EXISTS (SELECT FROM accounts_duty d WHERE d.user_id = o.user_id AND d.household = p.household_id AND d.valid && p.valid) $$;
"""
UNDO = "DROP FUNCTION bangfu_helper_loads(bigint[]); DROP FUNCTION bangfu_poor_officers(bigint[], date); DROP FUNCTION bangfu_project_duties(bigint[]);"


class Migration(migrations.Migration):
    dependencies = [("command", "0002_ground"), ("register", "0007_income_lines"), ("accounts", "0005_audit")]
    operations = [migrations.RunSQL(FUNCTIONS, UNDO)]
