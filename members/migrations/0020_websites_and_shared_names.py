from django.db import migrations, models

import members.models.institution


class Migration(migrations.Migration):
    dependencies = [("members", "0019_confirmations")]

    operations = [
        migrations.RemoveIndex(
            model_name="institutionname",
            name="institutionname_skeleton",
        ),
        migrations.AddField(
            model_name="institution",
            name="website_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=members.models.institution.WebsiteKey("website"),
                output_field=models.CharField(max_length=200),
            ),
        ),
        migrations.AddIndex(
            model_name="institution",
            index=models.Index(
                condition=models.Q(("website_key", ""), _negated=True),
                fields=["website_key"],
                name="institution_website",
            ),
        ),
        migrations.AddIndex(
            model_name="institutionname",
            index=models.Index(
                condition=models.Q(("skeleton", ""), _negated=True),
                fields=["skeleton", "institution"],
                name="institutionname_skeletons",
            ),
        ),
    ]
