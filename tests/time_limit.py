"""Ends a test that hangs: 30 s, or what `@pytest.mark.time_limit(seconds)` allows. Fixtures get more, for they make databases."""

import signal

import pytest

TEST, FIXTURES = 30, 180


def pytest_configure(config):
    config.addinivalue_line("markers", "time_limit(seconds): how long this test may take")


def _limited(item, seconds: float):
    def too_long(*_):
        pytest.fail(f"{item.nodeid} took longer than {seconds:g} s.")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return (yield)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    return (yield from _limited(item, FIXTURES))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    marker = item.get_closest_marker("time_limit")
    return (yield from _limited(item, marker.args[0] if marker else TEST))
