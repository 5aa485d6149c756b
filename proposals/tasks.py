from celery import shared_task

from proposals.actions.papers import make_missing_papers
from proposals.actions.reminders import remind_partners, remind_reviewers_by_the_clock


@shared_task(name="proposals.papers")
def papers() -> None:
    """After each submission, and every minute for those of which nobody was told."""
    make_missing_papers()


@shared_task(name="proposals.reminders")
def reminders() -> None:
    """Every hour, so that a moment is met whatever the time zone of a call."""
    remind_partners()
    remind_reviewers_by_the_clock()
