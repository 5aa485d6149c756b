"""What is announced about calls and proposals; imported by ProposalsConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

REFERENCE, CALL = ("reference", _("Number")), ("call", _("Call"))

register_area(Area("calls", _("Calls"), mandatory=False), "call.opened", "call.deadline_changed")
register_area(Area("proposals", _("Proposals")), "proposal", "call")
register_area(Area("reviews", _("Reviews")), "review")

register(
    Kind(
        "call.opened",
        label=_("A call is published"),
        subject=_("New call: %(title)s"),
        sentence=_("Institutions are invited to propose together."),
        rows=(("opens_at", _("Opens")), ("closes_at", _("Closes")), ("budget", _("Budget"))),
    )
)
register(
    Kind(
        "call.given",
        label=_("A call is given to me"),
        subject=_("Given to you: %(title)s"),
        sentence=_("You work on this call from now on."),
        way=lambda event, reader: (str(_("Open the call")), event.facts["desk"]),
    )
)
register(
    Kind(
        "call.needs_deputy",
        label=_("A proposal has no officer without a conflict of interest"),
        subject=_("A deputy is needed: %(call)s"),
        sentence=_(
            "Every officer of the call has a conflict of interest with a proposal that came in. Give the call to another one."
        ),
        rows=(CALL,),
        way=lambda event, reader: (str(_("See the officers")), event.facts["desk"]),
    )
)
register(
    Kind(
        "call.deadline_changed",
        label=_("The deadline of a call changes"),
        subject=_("New deadline: %(title)s"),
        sentence=_("The deadline of the call has changed."),
        rows=(("before", _("Before")), ("closes_at", _("Now"))),
    )
)
register(
    Kind(
        "call.letter",
        label=_("The alliance writes to the applicants of a call"),
        subject=_("%(subject)s (%(call)s)"),
        sentence=_("%(text)s"),
        way=lambda event, reader: (str(_("Your proposals")), "/desk/proposals/"),
    )
)
register(
    Kind(
        "proposal.entered",
        label=_("A proposal that came on paper is entered for me or my institution"),
        subject=_("Entered for you: %(title)s (%(reference)s)"),
        sentence=_(
            "The secretariat has begun to enter a proposal that came on paper. You can read it, change it and submit it."
        ),
        rows=(REFERENCE, CALL),
    )
)
register(
    Kind(
        "proposal.asked",
        label=_("A proposal asks my institution to confirm"),
        subject=_("Please confirm: %(institution)s in “%(title)s”"),
        sentence=_("%(lead)s names %(institution)s as a partner. Say whether it takes part, before the call closes."),
        rows=(CALL, ("closes_at", _("Call closes"))),
    )
)
register(
    Kind(
        "proposal.asked_again",
        label=_("My institution has not answered a proposal yet"),
        subject=_("Still to be answered: %(institution)s in “%(title)s”"),
        sentence=_("%(lead)s waits for the answer of %(institution)s. Without it the proposal cannot be submitted."),
        rows=(CALL, ("closes_at", _("Call closes"))),
    )
)
register(
    Kind(
        "proposal.requested",
        label=_("Applicants of a call ask for an institution or a signatory"),
        subject=_("To be answered: a request of applicants (%(call)s)"),
        sentence=_(
            "Applicants need an institution in the registry, or somebody who can sign for one, before they can submit."
        ),
        rows=(CALL,),
    )
)
register(
    Kind(
        "proposal.request_answered",
        label=_("The alliance answers what my proposal asked for"),
        subject=_("%(name)s: answered for %(title)s"),
        sentence=_("%(said)s"),
        rows=(REFERENCE, CALL),
    )
)
register(
    Kind(
        "proposal.signed",
        label=_("A partner answers"),
        subject=_("%(institution)s has %(answer)s: %(title)s"),
        sentence=_("A partner of your proposal has answered."),
        rows=(REFERENCE, CALL),
    )
)
register(
    Kind(
        "proposal.question",
        label=_("The alliance asks about a proposal"),
        subject=_("A question about %(title)s (%(reference)s)"),
        sentence=_(
            "The alliance has a question about your proposal. Answer it on its page; what you submitted stays as it is."
        ),
        rows=(REFERENCE, CALL),
    )
)
register(
    Kind(
        "proposal.answer",
        label=_("A question about a proposal is answered"),
        subject=_("Answered: %(title)s (%(reference)s)"),
        sentence=_("The applicants have answered your question. The answer stands with what was submitted."),
        rows=(REFERENCE, CALL),
        way=lambda event, reader: (str(_("Read the answer")), f"/desk/proposals/{event.subject_id}/submitted/"),
    )
)
register(
    Kind(
        "proposal.submitted",
        label=_("A proposal is submitted"),
        subject=_("Submitted: %(title)s (%(reference)s)"),
        sentence=_("The proposal is with the alliance. What was submitted stands on its page."),
        rows=(REFERENCE, CALL, ("submitted_at", _("Submitted")), ("digest", _("SHA-256 of the content"))),
    )
)
register(
    Kind(
        "proposal.reopened",
        label=_("A proposal is opened again"),
        subject=_("Opened again: %(title)s (%(reference)s)"),
        sentence=_("It can be changed until the call closes. Until it is submitted again, the last version counts."),
        rows=(REFERENCE, CALL),
    )
)
register(
    Kind(
        "proposal.withdrawn",
        label=_("A proposal is withdrawn"),
        subject=_("Withdrawn: %(title)s (%(reference)s)"),
        sentence=_("The proposal has been withdrawn. Nothing is left to do."),
        rows=(REFERENCE, CALL),
    )
)
register(
    Kind(
        "proposal.decided",
        label=_("A proposal is decided"),
        subject=_("Decision on %(title)s (%(reference)s): %(outcome)s"),
        sentence=_("The alliance has decided on your proposal. The feedback stands on its page."),
        rows=(REFERENCE, CALL, ("outcome", _("Decision"))),
    )
)
register(
    Kind(
        "proposal.became_project",
        label=_("A proposal becomes a project"),
        subject=_("Now a project: %(title)s"),
        sentence=_("The accepted proposal %(reference)s has become a project of the alliance."),
        rows=(REFERENCE,),
    )
)

# --- Reviews. The record that they lead to is the reviewer's own page; nobody else is told of it.

register(
    Kind(
        "review.invited",
        label=_("I am asked to review for a call"),
        subject=_("Will you review? %(call)s"),
        sentence=_("The alliance asks you to review proposals. Say whether you can, and how many."),
        rows=(CALL, ("due_at", _("Reviews are due"))),
    )
)
register(
    Kind(
        "review.answered",
        label=_("A reviewer answers"),
        subject=_("%(reviewer)s has %(answer)s: reviews for %(call)s"),
        sentence=_("A reviewer whom you invited has answered."),
        rows=(CALL,),
        way=lambda event, reader: (str(_("See the reviewers")), event.facts["desk"]),
    )
)
register(
    Kind(
        "review.begun",
        label=_("Proposals are given to me to review"),
        subject=_("Proposals to review: %(call)s"),
        sentence=_("Proposals were given to you to review. Say so at once where you have a conflict of interest."),
        rows=(CALL, ("number", _("Proposals")), ("due_at", _("Reviews are due"))),
        way=lambda event, reader: (str(_("See the proposals")), "/desk/reviews/"),
    )
)
register(
    Kind(
        "review.reminder",
        label=_("Reviews of mine are due"),
        subject=_("Reviews are due: %(call)s"),
        sentence=_("Reviews that you took are not handed in yet."),
        rows=(CALL, ("number", _("Still to hand in")), ("due_at", _("Due"))),
        way=lambda event, reader: (str(_("See the proposals")), "/desk/reviews/"),
    )
)
register(
    Kind(
        "review.abstained",
        label=_("A reviewer abstains"),
        subject=_("A reviewer abstains: %(reference)s"),
        sentence=_("A reviewer has stood back from a proposal; another one can be found."),
        rows=(REFERENCE, CALL),
        way=lambda event, reader: (str(_("See the proposal's reviews")), event.facts["desk"]),
    )
)
