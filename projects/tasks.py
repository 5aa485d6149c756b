from celery import shared_task

from projects.actions.reports import remind_of_reports


@shared_task(name="projects.reports")
def reports() -> None:
    """Every day; harmless twice."""
    remind_of_reports()
