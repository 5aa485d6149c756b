"""The diagrams in docs/states.md are drawn from the tables of states."""

from pathlib import Path

from workflow.tables import mermaid, tables

STATES = Path(__file__).resolve().parents[2] / "docs" / "states.md"
HEAD = """# The states of records

Drawn from the tables in each app's `workflow`; a test holds them together. On the arrows: who may.
"""


def document() -> str:
    """What the file ought to hold."""
    parts = [HEAD]
    for _label, table in sorted(tables.items()):
        if not table.model.__module__.startswith("tests."):
            name = str(table.model._meta.verbose_name).capitalize()
            parts.append(f"## {name}\n\n```mermaid\n{mermaid(table)}```\n")
    return "\n".join(parts)


def test_diagrams_are_those_of_the_tables():
    assert STATES.read_text() == document()
