"""What the look-alike key of each name is; Python knows it, the database does not."""

from django.db import migrations

from toolkit.names import skeleton

BATCH = 5000


def fill(apps, schema_editor):
    names = apps.get_model("members", "InstitutionName").objects.exclude(kind="acronym").order_by("pk")
    last = 0
    while rows := list(names.filter(pk__gt=last).values_list("pk", "value")[:BATCH]):
        last = rows[-1][0]
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE members_institutionname AS name SET skeleton = new.skeleton"
                " FROM unnest(%s::bigint[], %s::text[]) AS new (id, skeleton) WHERE name.id = new.id",
                [[key for key, _value in rows], [skeleton(value) for _key, value in rows]],
            )


class Migration(migrations.Migration):
    dependencies = [("members", "0012_name_skeletons")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
