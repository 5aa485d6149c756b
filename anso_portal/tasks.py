from celery import shared_task

from anso_portal.history import chain


@shared_task(name="anso_portal.seal_history")
def seal_history() -> None:
    """Every minute: what is one minute old can no longer be changed unnoticed."""
    chain.seal(lately=True)


@shared_task(name="anso_portal.seal_all_history")
def seal_all_history() -> None:
    """Every night: also what a transaction of more than a day wrote, or was brought back."""
    chain.seal()
