"""The table: who may do what at each address. Written down by hand, and compared with what the portal does.

A row is named by its address, and where it asks about one state among several, by that state in brackets. What one may
not know of is 404, what needs a sign-in leads there, an act that one may not do on a visible thing is 403.
"""

from tests.matrix.accounts import ACCOUNTS
from tests.matrix.administration import administration, staff
from tests.matrix.cells import SIGN_IN, Row, desk, signed_in, who
from tests.matrix.institutions import HISTORIES, INSTITUTIONS, MESSAGES, MODERATION, REGISTRY
from tests.matrix.proposals import PROPOSALS
from tests.matrix.reviews import REVIEWS
from tests.matrix.roles import ANONYMOUS, PEOPLE, SECRETARIAT, SPEAKERS
from tests.matrix.trainings import TRAININGS

PUBLIC = Row(get=200)
OWN = Row(get=signed_in())

front_door = {
    "healthz": PUBLIC,
    "readyz": Row(get=503),  # no worker runs beside the tests
    "welcome": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
    "anso_portal:home": PUBLIC,
    "anso_portal:search": PUBLIC,
    "anso_portal:search_follow": Row(
        get=200, post=302, path=lambda world: {"listing": "projects"}, data=lambda world: {"follow": "1"}
    ),
    "anso_portal:search_follow [unknown]": Row(get=404, post=404, path=lambda world: {"listing": "people"}),
    "anso_portal:theme": Row(get=200, path=lambda world: {"slug": world.theme.slug}),
    "anso_portal:country": Row(get=200, path=lambda world: {"code": "PK"}),
    "anso_portal:about": PUBLIC,
    "anso_portal:privacy": PUBLIC,
    "anso_portal:accessibility": PUBLIC,
    "anso_portal:desk": OWN,
    "anso_portal:report": Row(get=200, post=422),
    "anso_portal:report_done": PUBLIC,
    "anso_portal:colours": PUBLIC,
    "anso_portal:logo": Row(get=404, path=lambda world: {"name": "none.png"}),
    "anso_portal:robots": PUBLIC,
    "anso_portal:sitemap": PUBLIC,
    "anso_portal:calendar": Row(get=404),
    "anso_portal:calendar [own]": Row(get=200, query="?token=of-the-scientist"),
    "anso_portal:call_calendar": PUBLIC,
    "anso_portal:offer_calendar": PUBLIC,
    "anso_portal:list_feed": Row(get=200, path=lambda world: {"name": "calls"}),
    "anso_portal:record_feed": Row(get=200, path=lambda world: {"name": "members", "slug": world.own.slug}),
    "anso_portal:record_feed [hidden]": Row(get=404, path=lambda world: {"name": "calls", "slug": "call-draft"}),
    "anso_portal:sitemap_of": Row(get=200, path=lambda world: {"name": "members", "page": 1}),
}

OWN_DRAFT = who(404, (SPEAKERS | {"editor"} | SECRETARIAT, 200))

INSIDE = desk((PEOPLE | SECRETARIAT, 200))


def owed(report) -> dict:
    return {"slug": "project", "pk": report.pk}


records = {
    "members:list": PUBLIC,
    "members:detail": Row(get=200, path=lambda world: {"slug": "own"}),
    "centers:list": PUBLIC,
    "centers:detail": Row(get=200, path=lambda world: {"slug": "center"}),
    "projects:list": PUBLIC,
    "projects:detail": Row(get=200, path=lambda world: {"slug": "project"}),
    "projects:detail [draft]": Row(get=OWN_DRAFT, path=lambda world: {"slug": "draft-project"}),
    "projects:grant": Row(
        get=INSIDE, post=desk((SECRETARIAT, 422), (PEOPLE - SECRETARIAT, 403)), path=lambda world: {"slug": "project"}
    ),
    **{
        f"projects:{name}": Row(
            get=INSIDE, post=desk((PEOPLE | SECRETARIAT, 422)), path=lambda world: {"slug": "project"}
        )
        for name in ("milestones", "outputs")
    },
    "projects:reports": Row(
        get=INSIDE, post=desk((SECRETARIAT, 422), (PEOPLE - SECRETARIAT, 403)), path=lambda world: {"slug": "project"}
    ),
    "projects:report": Row(
        get=INSIDE, post=desk((PEOPLE, 422), (SECRETARIAT - PEOPLE, 403)), path=lambda world: owed(world.report_due)
    ),
    "projects:report [accepted]": Row(
        get=INSIDE,
        post=desk((PEOPLE, 422), (SECRETARIAT - PEOPLE, 403)),
        path=lambda world: owed(world.report_accepted),
    ),
    "projects:report_judge": Row(
        post=staff((SECRETARIAT - PEOPLE, 422), (SECRETARIAT & PEOPLE, 403), rest=404),
        path=lambda world: owed(world.report_submitted),
    ),
    "projects:report_remove": Row(post=staff((SECRETARIAT, 302), rest=404), path=lambda world: owed(world.report_due)),
    "exchanges:list": PUBLIC,
    "exchanges:detail": Row(get=200, path=lambda world: {"slug": "offer"}),
    "exchanges:detail [draft]": Row(get=OWN_DRAFT, path=lambda world: {"slug": "draft-offer"}),
}

TAKE_PART = SPEAKERS | {"scientist", "focal point elsewhere", "officer", "administrator"}  # in the stay


def stay(get=405, post=405, *, for_whom, path=lambda world: {"pk": world.stay.pk}) -> Row:
    """For these; the others who take part may know of it and are refused."""
    answers = [desk((TAKE_PART, 403), (for_whom, answer)) if answer != 405 else 405 for answer in (get, post)]
    return Row(*answers, path=path)


OFFICE = {"officer", "administrator"}
ACTING = PEOPLE | {"focal point elsewhere"}
HOSTS = PEOPLE | SECRETARIAT  # of the offer, and who looks after all
HOST_OFFERS = desk((ACTING, 200))
stays = {
    "exchanges:offers": Row(get=HOST_OFFERS),
    "exchanges:capacity": Row(post=who(403, (ANONYMOUS, SIGN_IN), (HOSTS, 302)), path=lambda world: {"slug": "own"}),
    "exchanges:mobility": Row(get=desk((ACTING | OFFICE, 200))),
    "exchanges:offer_begin": Row(get=HOST_OFFERS, post=desk((ACTING, 422))),
    "exchanges:offer_edit": Row(
        get=who(403, (ANONYMOUS, SIGN_IN), (HOSTS, 200)),
        post=who(403, (ANONYMOUS, SIGN_IN), (HOSTS, 422)),
        path=lambda world: {"slug": "offer"},
    ),
    "exchanges:offer_edit [draft]": Row(
        get=desk((HOSTS, 200)),
        post=desk((HOSTS, 422)),
        path=lambda world: {"slug": "draft-offer"},
    ),
    "exchanges:offer_close": Row(
        post=who(403, (ANONYMOUS, SIGN_IN), (HOSTS, 302)), path=lambda world: {"slug": "offer"}
    ),
    "exchanges:offer_discard": Row(post=desk((HOSTS, 302)), path=lambda world: {"slug": "draft-offer"}),
    "exchanges:apply": Row(
        get=who(200, (ANONYMOUS, SIGN_IN), ("unverified", 403)),
        post=who(200, (ANONYMOUS, SIGN_IN), ("unverified", 403)),
        path=lambda world: {"slug": "offer"},
    ),
    "exchanges:letter": Row(get=200, post=422, path=lambda world: {"code": "of-the-stay"}),
    "exchanges:letter [guessed]": Row(get=404, post=404, path=lambda world: {"code": "guessed"}),
    "exchanges:stays": OWN,
    "exchanges:stay": stay(200, for_whom=TAKE_PART),
    "exchanges:stay_edit": stay(302, 302, for_whom="scientist"),
    "exchanges:stay_edit [draft]": Row(
        get=desk(("scientist", 200)), post=desk(("scientist", 302)), path=lambda world: {"pk": world.stay_draft.pk}
    ),
    "exchanges:stay_submit": stay(post=302, for_whom="scientist"),
    "exchanges:stay_withdraw": stay(post=302, for_whom="scientist"),
    "exchanges:home_answer": stay(post=422, for_whom="focal point elsewhere"),
    "exchanges:host_answer": stay(post=422, for_whom=SPEAKERS),
    "exchanges:stay_approve": stay(post=302, for_whom=OFFICE),
    "exchanges:stay_decline": stay(post=422, for_whom=OFFICE),
    "exchanges:stay_cancel": stay(post=422, for_whom=OFFICE | SPEAKERS | {"focal point elsewhere"}),
    "exchanges:letter_issue": stay(post=302, for_whom=SPEAKERS),
    "exchanges:letter_pdf": stay(200, for_whom=TAKE_PART),
    "exchanges:task_done": stay(
        post=302, for_whom="scientist", path=lambda world: {"pk": world.stay.pk, "task": world.stay_task.pk}
    ),
    "exchanges:stay_report": stay(200, 422, for_whom="scientist"),
    "exchanges:report_confirm": stay(post=302, for_whom=SPEAKERS),
    "exchanges:stay_report_judge": stay(post=422, for_whom=OFFICE),
}

NEWS = {
    name: (lambda world, slug=slug: {"slug": slug})
    for name, slug in (("published", "news"), ("draft", "news-draft"), ("waiting", "news-waiting"))
}
news = {
    "news:list": PUBLIC,
    "news:detail": Row(get=200, path=NEWS["published"]),
    "news:detail [draft]": Row(get=who(404, (HOSTS, 200)), path=NEWS["draft"]),
    "news:desk": OWN,
    "news:begin": Row(get=HOST_OFFERS, post=desk((ACTING, 422))),
    "news:edit": Row(
        get=who(403, (ANONYMOUS, SIGN_IN), (HOSTS, 200)),
        post=who(403, (ANONYMOUS, SIGN_IN), (HOSTS, 422)),
        path=NEWS["published"],
    ),
    "news:edit [draft]": Row(get=desk((HOSTS, 200)), post=desk((HOSTS, 422)), path=NEWS["draft"]),
    "news:take_back": Row(post=who(403, (ANONYMOUS, SIGN_IN), (HOSTS, 302)), path=NEWS["published"]),
    "news:return": Row(post=desk(({"focal point elsewhere"} | SECRETARIAT, 302)), path=NEWS["waiting"]),
}

post_office = {
    "notifications:inbox": OWN,
    "notifications:read": Row(post=signed_in(404)),
    "notifications:read [own]": Row(
        post=who(404, (ANONYMOUS, SIGN_IN), ("scientist", 302)), data=lambda world: {"notification": world.told.pk}
    ),
    "notifications:read-all": Row(post=signed_in(302)),
    "notifications:preferences": Row(get=signed_in(), post=signed_in(422)),
    "notifications:outbox": Row(get=staff((SECRETARIAT, 200))),
    "notifications:outbox-kind": Row(post=staff((SECRETARIAT, 404))),
    "notifications:outbox-kind [known]": Row(
        post=staff((SECRETARIAT, 302)), data=lambda world: {"kind": "offer.opened", "let_go": "1"}
    ),
    "notifications:outbox-event": Row(
        get=staff((SECRETARIAT, 200)), post=staff((SECRETARIAT, 302)), path=lambda world: {"pk": world.told.event_id}
    ),
    "notifications:texts": Row(get=staff((SECRETARIAT, 200))),
    "notifications:text": Row(
        get=staff((SECRETARIAT, 200)), post=staff((SECRETARIAT, 422)), path=lambda world: {"kind": "call.opened"}
    ),
    "notifications:calendar": Row(post=signed_in(302)),
    "notifications:trust": Row(post=signed_in(302)),
    "notifications:resume": Row(post=signed_in(302)),
    "notifications:follow": Row(get=404, post=404),
    "notifications:follow [country]": Row(
        get=200, post=who(302, (ANONYMOUS, 422)), query="?topic=country:PK", data=lambda world: {"topic": "country:PK"}
    ),
    "notifications:confirm": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
    "notifications:confirm [own]": Row(get=200, post=302, path=lambda world: {"token": world.confirm_token}),
    "notifications:mine": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
    "notifications:mine [own]": Row(get=200, post=302, path=lambda world: {"token": world.mine_token}),
    "notifications:unfollow": Row(post=signed_in(404)),
    "notifications:unfollow [own]": Row(
        post=who(404, (ANONYMOUS, SIGN_IN), ("scientist", 302)), data=lambda world: {"topic": "country:LK"}
    ),
    "notifications:stop": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
    "notifications:stop [own]": Row(get=200, post=200, path=lambda world: {"token": world.stop_token}),
}

ROWS = {
    **front_door,
    **records,
    **stays,
    **TRAININGS,
    **news,
    **post_office,
    **INSTITUTIONS,
    **REGISTRY,
    **MESSAGES,
    **HISTORIES,
    **MODERATION,
    **PROPOSALS,
    **REVIEWS,
    **ACCOUNTS,
    **administration(),
}
