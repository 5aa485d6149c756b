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

PUBLIC = Row(get=200)
OWN = Row(get=signed_in())

front_door = {
    "healthz": PUBLIC,
    "readyz": Row(get=503),  # no worker runs beside the tests
    "welcome": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
    "anso_portal:home": PUBLIC,
    "anso_portal:search": PUBLIC,
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

post_office = {
    "notifications:inbox": OWN,
    "notifications:read": Row(post=signed_in(404)),
    "notifications:read [own]": Row(
        post=who(404, (ANONYMOUS, SIGN_IN), ("scientist", 302)), data=lambda world: {"notification": world.told.pk}
    ),
    "notifications:read-all": Row(post=signed_in(302)),
    "notifications:preferences": OWN,
    "notifications:resume": Row(post=signed_in(302)),
    "notifications:follow": Row(post=signed_in(404)),
    "notifications:follow [country]": Row(post=signed_in(302), data=lambda world: {"topic": "country:PK"}),
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
