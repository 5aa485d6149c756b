"""The folded text of a person now holds the expertise too."""

from django.db import migrations

from toolkit.names import fold


def fold_with_expertise(apps, schema_editor):
    _fold(apps, lambda person: [person.name, *map(str, person.translations.values()), *person.expertise])


def fold_names_alone(apps, schema_editor):
    _fold(apps, lambda person: [person.name, *map(str, person.translations.values())])


def _fold(apps, words):
    people = apps.get_model("members", "Person").objects
    for person in people.only("name", "translations", "expertise").iterator():
        people.filter(pk=person.pk).update(names_folded=fold(" ".join(words(person))))


class Migration(migrations.Migration):
    dependencies = [("members", "0010_people_search_indexes")]

    operations = [migrations.RunPython(fold_with_expertise, fold_names_alone)]
