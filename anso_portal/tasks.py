from celery import shared_task

from anso_portal import cleaning, searches
from anso_portal.history import chain


@shared_task(name="anso_portal.seal_history")
def seal_history() -> None:
    """Every minute: what is one minute old can no longer be changed unnoticed."""
    chain.seal(lately=True)


@shared_task(name="anso_portal.seal_all_history")
def seal_all_history() -> None:
    """Every night: also what a transaction of more than a day wrote, or was brought back."""
    chain.seal()


@shared_task(name="anso_portal.forget_sessions")
def forget_sessions() -> None:
    cleaning.forget_sessions()


@shared_task(name="anso_portal.clean_up")
def clean_up() -> None:
    """All that is kept for a time only."""
    for _part in cleaning.clean_up():
        pass


@shared_task(name="anso_portal.compare_searches")
def compare_searches() -> None:
    for _list, _told in searches.compare_searches():
        pass
