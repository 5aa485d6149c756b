from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
        ("vocabularies", "0002_countries_and_goals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="institution",
            index=models.Index(fields=["record_status", "country", "kind"], include=("id",), name="institution_facets"),
        ),
    ]
