from django.db import migrations

from vocabularies.loading import load_countries, load_goals


def load(apps, schema_editor):
    load_countries(apps.get_model("vocabularies", "Country"))
    load_goals(apps.get_model("vocabularies", "Sdg"))


class Migration(migrations.Migration):
    dependencies = [("vocabularies", "0001_initial")]

    operations = [migrations.RunPython(load, migrations.RunPython.noop)]
