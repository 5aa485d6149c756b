import time

from toolkit import breaker


def test_breaker_pauses_and_lets_pass_again(monkeypatch):
    tried = breaker.Breaker(10)
    assert tried.lets_pass()

    tried.trip()

    assert not tried.lets_pass()
    now = time.monotonic()
    monkeypatch.setattr(breaker.time, "monotonic", lambda: now + 9.9)
    assert not tried.lets_pass()
    monkeypatch.setattr(breaker.time, "monotonic", lambda: now + 10.1)
    assert tried.lets_pass()


def test_breaker_forgets_when_told():
    tried = breaker.Breaker(10)
    tried.trip()

    tried.reset()

    assert tried.lets_pass()
