"""Harmless twice, and at the same time."""

from celery import shared_task

from members.actions.confirmations import ask_for_confirmations, remind_of_confirmations


@shared_task(name="members.confirmations")
def confirmations() -> None:
    """Ask once a year whether a record is still right, and remind once."""
    ask_for_confirmations()
    remind_of_confirmations()
