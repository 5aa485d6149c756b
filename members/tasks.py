"""What the clock does in the registry. Harmless twice, and at the same time."""

from celery import shared_task

from members.actions.applications import forget_unsent_applications
from members.actions.confirmations import ask_for_confirmations, remind_of_confirmations
from members.actions.messages import forget_old_messages


@shared_task(name="members.confirmations")
def confirmations() -> None:
    """Ask once a year whether a record is still right, and remind once."""
    ask_for_confirmations()
    remind_of_confirmations()


@shared_task(name="members.forget_old_messages")
def forget_messages() -> None:
    forget_old_messages()


@shared_task(name="members.forget_unsent_applications")
def forget_applications() -> None:
    """Those whose address nobody confirmed in time."""
    forget_unsent_applications()
