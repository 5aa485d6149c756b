"""Small words and addresses that the page of a list is made of."""

from dataclasses import dataclass

from django.utils.formats import number_format


@dataclass(frozen=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True)
class Setting:
    """One of the orders or page sizes to choose from."""

    value: str
    label: str
    selected: bool


def counted(number: int, most: int) -> str:
    """ "1,234", or "10,000+" for what was counted only so far."""
    text = number_format(min(number, most), use_l10n=True, force_grouping=True)
    return f"{text}+" if number > most else text
