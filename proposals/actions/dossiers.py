"""What a reviewer reads of a proposal: what was submitted, as far as the plan of the review lets it be seen.

What is named here is shown and nothing else, so that a part which is added to proposals stays hidden until it is named.
"""

from typing import Any

from django.utils.translation import gettext as _

from proposals.models import Proposal, Redaction, ReviewPlan, Submission
from toolkit.saving import digest

REDACTABLE = ("title", "acronym", "summary")
PLAIN = ("reference", "starts_on", "ends_on", "sites", "on_site", "total", "currency")


def dossier(proposal: Proposal, plan: ReviewPlan) -> dict[str, Any]:
    """In the shape that `proposals/_content.html` shows. Empty where nothing was submitted."""
    submission = last_submission(proposal)
    content = submission.content if submission else {}
    shown = {name: content.get(name, "") for name in (*PLAIN, *REDACTABLE)}
    shown["call"] = content.get("call", {})
    shown["parts"] = [
        {
            "title": part.get("title", ""),
            "answers": [answer for answer in part.get("answers", []) if answer.get("for_reviewers") is True],
        }
        for part in content.get("parts", [])
    ]
    shown |= {name: content.get(name, []) for name in ("partners", "budget", "team", "plan")}
    return _blinded(shown, proposal) if plan.is_double_blind else shown


def last_submission(proposal: Proposal) -> Submission | None:
    return proposal.submissions.order_by("-version").first()


def _blinded(shown: dict[str, Any], proposal: Proposal) -> dict[str, Any]:
    """Without names of institutions and countries; a redaction stands for its text even where it is empty."""
    texts = dict(Redaction.objects.filter(proposal=proposal).values_list("field", "text"))
    for name in REDACTABLE:
        if name in texts:
            shown[name] = texts[name]
    shown["parts"] = [
        {
            **part,
            "answers": [
                _in_words(one, texts[one["key"]]) if one.get("key") in texts else one for one in part["answers"]
            ],
        }
        for part in shown["parts"]
    ]
    numbers = {
        partner.get("institution"): _("Partner %(n)d") % {"n": n} for n, partner in enumerate(shown["partners"], 1)
    }
    named = shown["partners"]
    shown["partners"] = [
        {
            "name": numbers[partner.get("institution")],
            "role": partner.get("role", ""),
            "country": "",
            "contribution": "",
        }
        for partner in shown["partners"]
    ]
    shown["budget"] = [
        {
            "name": numbers.get(line.get("institution"), ""),
            "category": line.get("category", ""),
            "amount": line.get("amount", ""),
        }
        for line in shown["budget"]
    ]
    places = {partner.get("name"): numbers[partner.get("institution")] for partner in named}
    shown["plan"] = [{**one, "institution": places.get(one.get("institution"), "")} for one in shown["plan"]]
    shown["team"] = shown["sites"] = []
    return shown


def _in_words(answer: dict[str, Any], text: str) -> dict[str, Any]:
    """The officer's words in place of a text, a file or a table; see also permissions.view_proposalfile."""
    return {key: value for key, value in answer.items() if key not in ("file", "table")} | {"answer": text}


def redactable(proposal: Proposal) -> list[tuple[str, str, str]]:
    """(key, label, what was submitted) of each text that reviewers see."""
    submission = last_submission(proposal)
    content = submission.content if submission else {}
    labels = {"title": _("Title"), "acronym": _("Acronym"), "summary": _("Summary")}
    found = [(name, labels[name], content.get(name, "")) for name in REDACTABLE]
    for part in content.get("parts", []):
        found += [
            (one["key"], one["question"], one["answer"])
            for one in part.get("answers", [])
            if one.get("for_reviewers") is True and one.get("key")
        ]
    return found


def version_of(proposal: Proposal) -> str:
    """A digest of the redactions, so that two officers never overwrite each other in silence."""
    return digest(sorted(Redaction.objects.filter(proposal=proposal).values_list("field", "text")))
