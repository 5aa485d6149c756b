"""What must be true of projects."""

from collections.abc import Iterator

from projects.models import Project
from toolkit.invariants import batches, invariant

FOLDED = ("sort_key", "names_folded", "text_folded")


@invariant("Projects are found by the words that they have.")
def projects() -> Iterator[str]:
    for found in batches(Project.objects.defer("search")):
        for project in found:
            kept = {name: getattr(project, name) for name in FOLDED}
            project.set_search_columns()
            wrong = [name for name, value in kept.items() if getattr(project, name) != value]
            if wrong:
                yield f"project {project.pk}: {', '.join(wrong)}"
