from celery import shared_task

from centers.actions.certificates import remind_of_expiry


@shared_task(name="centers.certificates")
def certificates() -> None:
    """Once a day; harmless twice."""
    remind_of_expiry()
