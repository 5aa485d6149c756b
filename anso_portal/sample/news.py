"""News that is written as sample: one thing that was told, and one that waits for an officer."""

from datetime import timedelta

from accounts.models import User
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from members.models import Institution
from news.actions import begin_news, publish_news, submit_news
from news.models import NewsItem
from toolkit.clock import database_today
from vocabularies.models import Theme


def load_news(ledger: Ledger, users: dict[str, User], themes: dict[str, Theme], *, officer: User) -> None:
    """By the same acts as in life, so that people are told."""
    for entry in document("news.json"):
        person = users.get(entry["person"])
        institution = Institution.objects.filter(roles__user=person).first() if person else None
        if person is None or institution is None:
            continue
        item = begin_news(institution=institution, title=entry["title"], by=person)
        ledger.note([item])
        until = database_today() + timedelta(days=entry["until_days"])
        NewsItem.objects.filter(pk=item.pk).update(text=entry["text"], expires_on=until, illustrative=True)
        item.themes.set([themes[slug] for slug in entry["themes"]])
        item.countries.set(entry["countries"])
        item.refresh_from_db()
        submit_news(item=item, by=person)
        if entry["published"]:
            publish_news(item=NewsItem.objects.get(pk=item.pk), by=officer)
