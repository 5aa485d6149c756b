"""The own profile."""

from django.urls import reverse
from django.utils.translation import gettext as _

from toolkit.desk import Place


def places(user) -> list[Place]:
    return [Place(_("My profile"), reverse("members:profile"))]
