from celery import shared_task

from proposals.actions.papers import make_missing_papers


@shared_task(name="proposals.papers")
def papers() -> None:
    """After each submission, and every minute for those of which nobody was told."""
    make_missing_papers()
