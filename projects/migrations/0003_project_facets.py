from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("centers", "0002_center_relations"),
        ("projects", "0002_project_countries"),
        ("vocabularies", "0002_countries_and_goals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="project",
            index=models.Index(
                fields=["published_at"],
                include=("id", "starts_on", "ends_on", "suspended_on", "source"),
                name="project_facets",
            ),
        ),
    ]
