"""Which projects stand close to one, and why."""

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, OuterRef, QuerySet, TextField, Value

from centers.models import Center
from projects.models.parts import Participation, ProjectCountry
from projects.models.project import Project
from vocabularies.models import Theme

CANDIDATES = 50  # of each kind, the newest: a theme may have thousands of projects


def related_projects(project: Project, user, *, centers, institutions, themes, countries):
    """Projects at the same center, with shared partners, or on the same theme in the same country, closest first.

    One statement. Each row says why in `shared_centers`, `shared_partners`, `shared_themes` (names) and
    `shared_countries` (codes), of which theme and country count together only.
    """
    visible = Project.objects.visible_to(user).exclude(pk=project.pk).newest_first()
    candidates = []
    if centers:
        candidates.append(
            visible.filter(pk__in=Center.projects.through.objects.filter(center__in=centers).values("project"))
        )
    if institutions:
        parts = Participation.objects.filter(institution__in=institutions)
        candidates.append(visible.filter(pk__in=parts.values("project")))
    if themes and countries:
        on_theme = Theme.projects.through.objects.filter(theme__in=themes).values("project")
        there = ProjectCountry.objects.filter(country__in=countries).values("project")
        candidates.append(visible.filter(pk__in=on_theme).filter(pk__in=there))
    if not candidates:
        return Project.objects.none()
    first, *others = [rows.values("pk")[:CANDIDATES] for rows in candidates]
    return (
        Project.objects.filter(pk__in=first.union(*others) if others else first)
        .for_rows()
        .annotate(
            shared_centers=_shared(Center.objects.filter(projects=OuterRef("pk")), "name", pk__in=centers),
            shared_partners=_shared(
                Participation.objects.filter(project=OuterRef("pk")), "institution__name", institution__in=institutions
            ),
            shared_themes=_shared(Theme.objects.filter(projects=OuterRef("pk")), "name", pk__in=themes),
            shared_countries=_shared(
                ProjectCountry.objects.filter(project=OuterRef("pk")), "country", country__in=countries
            ),
        )
        .annotate(
            closeness=4 * _size("shared_centers")
            + 3 * _size("shared_partners")
            + _size("shared_themes") * _size("shared_countries")
        )
        .order_by("-closeness", F("starts_on").desc(nulls_last=True), "-pk")
    )


def _shared(rows: QuerySet, column: str, **among) -> ArraySubquery | Value:
    """The column of the rows that are among these; of none, the ORM makes a NULL without a type, which no function takes."""
    if not all(among.values()):
        return Value([], output_field=ArrayField(TextField()))
    return ArraySubquery(rows.filter(**among).values(column))


def _size(array: str) -> Func:
    return Func(F(array), function="CARDINALITY", output_field=IntegerField())
