"""What a row of the table says, and what a cell demands."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.roles import ANONYMOUS, ROLES

SIGN_IN = "sign in"  # sent to the page where one signs in
SECOND_FACTOR = "second factor"  # sent to the page where one sets it up
Answer = int | str

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def who(everyone: Answer, *exceptions: tuple[set[str] | str, Answer]) -> dict[str, Answer]:
    """The answer for each role: that for everyone, unless a later pair names the role."""
    answers = dict.fromkeys(ROLES, everyone)
    for roles, answer in exceptions:
        for role in {roles} if isinstance(roles, str) else roles:
            assert role in answers, role
            answers[role] = answer
    return answers


@dataclass(frozen=True)
class Row:
    """The answers to GET (HEAD is the same) and to POST with nothing in it, or with `data`. 405 where it is not taken."""

    get: dict[str, Answer] | Answer = 405
    post: dict[str, Answer] | Answer = 405
    path: Callable[[Any], dict] = field(default=lambda world: {})
    query: str = ""
    data: Callable[[Any], dict] = field(default=lambda world: {})

    def expected(self, method: str, role: str) -> set[Answer]:
        """A method that the address does not take is 405 for those who may open it, else the refusal they get anyway."""
        if method in ("GET", "HEAD"):
            return {self._of(self.get, role)} if self.get != 405 else {405, *self._refusal(role)}
        if method == "POST" and self.post != 405:
            return {self._of(self.post, role)}
        return {405} if method in ("PUT", "PATCH", "DELETE") else {405, *self._refusal(role)}

    def _refusal(self, role: str) -> set[Answer]:
        answers = {self._of(given, role) for given in (self.get, self.post)}
        return answers & {SIGN_IN, SECOND_FACTOR, 403, 404}

    @staticmethod
    def _of(given: dict[str, Answer] | Answer, role: str) -> Answer:
        return given[role] if isinstance(given, dict) else given


def signed_in(answer: Answer = 200) -> dict[str, Answer]:
    return who(answer, (ANONYMOUS, SIGN_IN))


def desk(*allowed: tuple[set[str] | str, Answer]) -> dict[str, Answer]:
    """A page at the desk: visitors sign in, and for others than these there is nothing."""
    return who(404, (ANONYMOUS, SIGN_IN), *allowed)
