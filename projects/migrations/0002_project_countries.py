from django.db import migrations

VIEW = """
CREATE VIEW projects_projectcountry AS
SELECT project_id || '-' || country_id AS id, project_id, country_id FROM (
    SELECT project_id, country_id FROM projects_participation WHERE country_id IS NOT NULL
    UNION
    SELECT project_id, country_id FROM projects_projectsite
) AS places
"""


class Migration(migrations.Migration):
    """Each country of a project once, from its lead, partners and sites: derived, so never out of step."""

    dependencies = [("projects", "0001_initial")]

    operations = [migrations.RunSQL(VIEW, "DROP VIEW projects_projectcountry")]
