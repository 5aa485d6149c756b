"""Many invitations from a CSV file: read, checked line by line, shown before anything is sent."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.invitations import Offer
from members.models import Invitation
from members.permissions import DEPUTY
from toolkit.addresses import one_spelling
from toolkit.names import validate_plain_name

MOST_LINES = 500
MOST_BYTES = 200_000
COLUMNS = ("email", "role", "name", "language")
OTHER_NAMES = {"e-mail": "email", "mail": "email", "e-mail address": "email", "email address": "email"}
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # what a table program takes for something to compute
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass
class Line:
    """One line of the list as it was written, and what is wrong with it."""

    number: int
    email: str = ""
    role: str = ""
    name: str = ""
    language: str = ""
    problems: list[str] = field(default_factory=list)

    @property
    def offer(self) -> Offer:
        return Offer(one_spelling(self.email) or self.email, self.role, self.name, self.language)

    @property
    def role_label(self) -> str:
        return str(dict(Invitation.ROLES).get(self.role, self.role))


def decoded(data: bytes) -> str:
    """UTF-8 with or without a mark at its beginning, or UTF-16 as spreadsheets write it."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise ValidationError(_("This is no CSV file in UTF-8. Save the table as “CSV UTF-8” and try again."))
    return text


def read_lines(text: str, roles: list[str]) -> list[Line]:
    """Raises where the table itself cannot be read; what is wrong in a line stands beside it."""
    rows = _rows(text)
    try:
        header = [_column(cell) for cell in next(rows, [])]
        missing = [name for name in ("email", "role") if name not in header]
        if missing:
            raise ValidationError(
                _("The first line must name the columns; this is missing: %(names)s.") % {"names": ", ".join(missing)}
            )
        lines = []
        for number, cells in enumerate(rows, 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(lines) == MOST_LINES:
                raise ValidationError(_("A list has %(most)d lines at most. Send it in parts.") % {"most": MOST_LINES})
            values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            email, role, name, language = (values.get(column, "") for column in COLUMNS)
            lines.append(Line(number, email, role, name, language))
    except csv.Error:
        raise ValidationError(_("This cannot be read as a table: a quotation mark is not closed.")) from None
    if not lines:
        raise ValidationError(_("There are no lines below the names of the columns."))
    _check(lines, roles)
    return lines


def _rows(text: str) -> Iterator[list[str]]:
    """Commas, semicolons or tabs, whichever the first line has most of."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _column(cell: str) -> str:
    name = cell.strip().casefold()
    return OTHER_NAMES.get(name, name)


def _check(lines: list[Line], roles: list[str]) -> None:
    labels = {str(label).casefold(): role for role, label in Invitation.ROLES}
    seen: dict[tuple[str, str], int] = {}
    for line in lines:
        line.role = labels.get(line.role.casefold(), line.role.casefold().replace(" ", "_").replace("-", "_"))
        line.problems += _problems(line, roles, labels)
        first = seen.setdefault((line.offer.email, line.role), line.number)
        if first != line.number:
            line.problems.append(_("Line %(number)d says the same.") % {"number": first})


def _problems(line: Line, roles: list[str], labels: dict[str, str]) -> Iterator[str]:
    try:
        validate_email(line.email)
        if len(line.email) > 254 or one_spelling(line.email) is None:
            raise ValidationError("")
    except ValidationError:
        yield (
            _("“%(email)s” is no e-mail address.") % {"email": line.email}
            if line.email
            else _("The address is missing.")
        )
    if line.role == DEPUTY and DEPUTY in labels.values() and DEPUTY not in roles:
        yield _("A deputy is named for an absence, on the page “Name a deputy”.")
    elif line.role not in roles:
        offered = ", ".join(str(dict(Invitation.ROLES)[role]) for role in roles)
        yield _("The role is one of: %(roles)s.") % {"roles": offered}
    try:
        if line.name.startswith(FORMULA):
            raise ValidationError(_("A name does not begin with “%(sign)s”.") % {"sign": line.name[0]})
        if len(line.name) > 200:
            raise ValidationError(_("The name is too long."))
        validate_plain_name(line.name)
    except ValidationError as problem:
        yield from problem.messages
    if line.language and not (LANGUAGE.fullmatch(line.language) and len(line.language) <= 12):
        yield _("“%(language)s” is no language code, as in “fr”.") % {"language": line.language}


class InvitationListForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("CSV file"),
        help_text=gettext_lazy(
            "With the columns email and role, and if you like name and language; 500 lines at most."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
    )

    def __init__(self, *args, roles: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.roles = roles

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(_("The file is too large for a list of 500 lines."))
        self.text = decoded(file.read())
        self.lines = read_lines(self.text, self.roles)
        return file


class ConfirmedListForm(forms.Form):
    """The list as it was shown; it is read and checked again."""

    text = forms.CharField(widget=forms.HiddenInput, max_length=2 * MOST_BYTES, strip=False)

    def __init__(self, *args, roles: list[str], **kwargs):
        super().__init__(*args, **kwargs)
        self.roles = roles

    def clean_text(self) -> str:
        text = self.cleaned_data["text"]
        self.lines = read_lines(text, self.roles)
        return text
