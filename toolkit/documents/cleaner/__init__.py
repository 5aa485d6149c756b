"""Makes a file that somebody sent harmless and nameless, in a process of its own: it knows neither Django nor the database.

    python -m toolkit.documents.cleaner pdf < what came > what is kept

What is refused is said by one word on standard error, which `toolkit.documents.uploads` puts into a sentence.
"""


class Refused(Exception):
    """`code` is a key of uploads.SENTENCES."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code
