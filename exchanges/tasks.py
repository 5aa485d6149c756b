from celery import shared_task

from exchanges.actions.visits import advance_stays


@shared_task(name="exchanges.stays")
def stays() -> None:
    """Every hour; harmless twice."""
    advance_stays()
