"""Ends a test that hangs: 30 s, or what `@pytest.mark.time_limit(seconds)` allows. Fixtures get more, for they make databases.

Both may be given: `time_limit(240, fixtures=400)`.
"""

import asyncio
import signal

import greenlet
import pytest

TEST, FIXTURES = 30, 180


def pytest_configure(config):
    config.addinivalue_line("markers", "time_limit(seconds, fixtures=180): how long this test and its set-up may take")


def _limited(item, seconds: float):
    test = greenlet.getcurrent()

    def too_long(*_):
        failure = pytest.fail.Exception(f"{item.nodeid} took longer than {seconds:g} s.")
        if greenlet.getcurrent() is test:
            raise failure
        # While a test waits for Playwright, the alarm finds the event loop at work in a greenlet of its own. Raised there it would
        # end the loop under every test to come; so the loop throws it into the test, and goes on.
        asyncio.get_running_loop().call_soon_threadsafe(test.throw, failure)

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _allowed(item) -> tuple[float, float]:
    marker = item.get_closest_marker("time_limit")
    if not marker:
        return TEST, FIXTURES
    return marker.args[0], marker.kwargs.get("fixtures", FIXTURES)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    return (yield from _limited(item, _allowed(item)[1]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    return (yield from _limited(item, _allowed(item)[0]))
