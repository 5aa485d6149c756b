"""What a proposal says as a whole: shown before it is sent, frozen when it is, and compared when two people write at once."""

import json
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Prefetch

from proposals.models import (
    BudgetLine,
    CallPart,
    Partner,
    Proposal,
    ProposalFile,
    Question,
    TeamMember,
    WorkPackage,
)
from toolkit.saving import digest

BASICS, PARTNERS, BUDGET, TEAM, PLAN = "basics", "partners", "budget", "team", "plan"


def partners_of(proposal: Proposal) -> list[Partner]:
    """The lead first, each with its sign-off, its lines and their sum, which is None without a line."""
    rows = proposal.partners.select_related("institution").with_sign_off().prefetch_related("budget_lines")
    partners = list(rows.lead_first())
    for partner in partners:
        lines = partner.budget_lines.all()
        partner.amount = sum((line.amount for line in lines), Decimal(0)) if lines else None
    return partners


def parts_of(proposal: Proposal) -> list[CallPart]:
    questions = Question.objects.order_by("position", "pk")
    return list(proposal.call.parts.prefetch_related(Prefetch("questions", questions)))


def answers_of(proposal: Proposal) -> dict[int, str]:
    """By question."""
    return dict(proposal.answers.values_list("question", "text"))


def total_of(partners: list[Partner]) -> Decimal:
    """Always the sum of the lines; it is stored nowhere. The partners are those of partners_of."""
    return sum((partner.amount or Decimal(0) for partner in partners), Decimal("0.00"))


class Written(NamedTuple):
    """The partners, questions and answers of a proposal, read once, so that what is frozen is what was checked."""

    partners: list[Partner]
    parts: list[CallPart]
    answers: dict[int, str]

    @property
    def total(self) -> Decimal:
        return total_of(self.partners)


def read(proposal: Proposal) -> Written:
    return Written(partners_of(proposal), parts_of(proposal), answers_of(proposal))


def content_of(proposal: Proposal, written: Written | None = None) -> dict[str, Any]:
    """Everything that counts, in plain values; people stand in it by nothing but what was typed in texts.

    `written` is what `read` gave, where it is at hand.
    """
    written = written or read(proposal)
    partners, answers, files = written.partners, written.answers, files_of(proposal)
    return {
        "reference": proposal.reference,
        "call": {"code": proposal.call.code, "title": proposal.call.title},
        **basics_of(proposal),
        "partners": [
            {
                "institution": partner.institution.slug,
                "name": partner.institution.name,
                "country": partner.institution.country_id or "",
                "role": partner.role,
                "contribution": partner.contribution,
                "confirmed_at": partner.signed_at.isoformat() if partner.signed_at else "",
                "amount": str(partner.amount or Decimal("0.00")),
            }
            for partner in partners
        ],
        "parts": [
            {
                "title": part.title,
                "answers": [
                    {
                        "key": f"q{question.pk}",
                        "question": question.label,
                        "kind": question.kind,
                        "answer": answers.get(question.pk, ""),
                        "for_reviewers": question.for_reviewers,
                        **table_of(question, answers.get(question.pk, "")),
                        **told(files.get(question.pk)),
                    }
                    for question in part.questions.all()
                ],
            }
            for part in written.parts
        ],
        "team": [
            {"name": one.name, "institution": _place(one), "task": one.task}
            for one in proposal.team.select_related("partner__institution")
        ],
        "plan": [
            {
                "title": one.title,
                "institution": _place(one),
                "result": one.result,
                "starts_on": one.starts_on.isoformat(),
                "ends_on": one.ends_on.isoformat(),
            }
            for one in proposal.work_packages.select_related("partner__institution")
        ],
        "budget": [
            {
                "institution": partner.institution.slug,
                "name": partner.institution.name,
                "category": line.category,
                "purpose": line.label,
                "amount": str(line.amount),
            }
            for partner in partners
            for line in partner.budget_lines.all()
        ],
        "total": str(written.total),
        "currency": proposal.call.currency,
    }


def _place(row: TeamMember | WorkPackage) -> str:
    return row.partner.institution.name if row.partner else ""


def files_of(proposal: Proposal) -> dict[int, ProposalFile]:
    """By question."""
    return {file.question_id: file for file in proposal.files.current().select_related("proposal__call")}


def table_of(question: Question, text: str) -> dict[str, Any]:
    """What a table adds to its answer: its columns and rows, and their words in a line each, for where no table can stand."""
    if question.kind != Question.Kind.TABLE:
        return {}
    columns, rows = question.choices, json.loads(text or "[]")
    lines = [
        " · ".join(f"{column}: {cell}" for column, cell in zip(columns, row, strict=False) if cell) for row in rows
    ]
    return {"answer": "\n".join(lines), "table": {"columns": columns, "rows": rows}}


def told(file: ProposalFile | None) -> dict[str, Any]:
    """What a file adds to its answer: its name in the words' place, and by what it is known again."""
    if file is None:
        return {}
    known = {"proposal": file.proposal_id, "number": file.number, "size": file.size, "digest": file.digest}
    return {"answer": file.name, "file": known}


def basics_of(proposal: Proposal) -> dict[str, Any]:
    return {
        "title": proposal.title,
        "acronym": proposal.acronym,
        "summary": proposal.summary,
        "starts_on": proposal.starts_on.isoformat() if proposal.starts_on else "",
        "ends_on": proposal.ends_on.isoformat() if proposal.ends_on else "",
        "sites": list(proposal.sites),
        "on_site": proposal.on_site,
        "builds_capacity": proposal.builds_capacity,
    }


def version_of(proposal: Proposal, part: str) -> str:
    """A token of what a page of the form shows; it changes with every change of that page and of no other."""
    if part == BASICS:
        return digest(basics_of(proposal))
    if part == PARTNERS:
        return digest(list(proposal.partners.order_by("pk").values_list("pk", "role", "contribution")))
    if part == BUDGET:
        lines = BudgetLine.objects.filter(partner__proposal=proposal).order_by("pk")
        return digest(list(lines.values_list("pk", "partner", "category", "label", "amount")))
    if part == TEAM:
        return digest(list(proposal.team.values_list("partner", "name", "task")))
    if part == PLAN:
        return digest(list(proposal.work_packages.values_list("partner", "title", "result", "starts_on", "ends_on")))
    # A file is changed whole, and not with the texts beside it.
    texts = proposal.answers.exclude(question__kind=Question.Kind.FILE)
    answers = texts.filter(question__part=int(part)).order_by("question")
    return digest(list(answers.values_list("question", "text")))
