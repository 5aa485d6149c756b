"""Two people who save one text: the later one is told, keeps what was typed, and is shown both."""


class ChangedMeanwhile(Exception):
    """Somebody has saved another text since this form was opened."""
