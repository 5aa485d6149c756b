"""The world is built once for a file; each test works in a savepoint of its own, and leaves nothing behind."""

import copy
import gc
import logging

import pytest
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.template import Template
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString

from accounts.models import User
from anso_portal.admin_site import PortalAdminSite
from tests.matrix.asking import Browsers
from tests.matrix.world import build


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    logging.disable(logging.CRITICAL)  # Each refusal would be logged.
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def browsers(world):
    """What every request reads first is read once: whatever it changes is taken back, so it stays true."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SessionStore, "load", remembered(SessionStore.load, lambda self: self.session_key))
        patch.setattr(ModelBackend, "get_user", remembered(with_roles, lambda self, key: key))
        yield Browsers(world)


def with_roles(backend, key):
    user = User.objects.get(pk=key)
    assert user.held_roles is not None  # asked for, and kept with the user from here on
    return user


def remembered(function, key):
    known = {}

    def remember(*args):
        name = key(*args)
        if name not in known:
            known[name] = function(*args)
        return copy.deepcopy(known[name])

    return remember


@pytest.fixture(scope="module")
def rare_collections():
    """Thousands of requests leave cycles behind; to look for them after every few of those costs a tenth of the time."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 10, 10)
    yield
    gc.set_threshold(*usual)
    gc.unfreeze()


@pytest.fixture
def unrendered(monkeypatch):
    """The answer is known before its page is written, and the crawl reads the pages: nothing is rendered here."""
    monkeypatch.setattr(Template, "render", lambda self, context: SafeString(""))
    apps_of = PortalAdminSite.get_app_list
    monkeypatch.setattr(PortalAdminSite, "get_app_list", lambda *given: SimpleLazyObject(lambda: apps_of(*given)))
