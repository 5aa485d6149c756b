from django.db import migrations


class Migration(migrations.Migration):
    """What was changed lately is asked by time, and so is what is to be sealed."""

    dependencies = [("anso_portal", "0006_history_links"), ("pghistory", "0007_auto_20250421_0444")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX pghistory_context_by_time ON pghistory_context (created_at, id)",
            "DROP INDEX pghistory_context_by_time",
        ),
    ]
