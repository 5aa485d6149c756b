"""Remembers for a while that a server does not answer, so that not every request waits for it anew."""

import threading
import time


class Breaker:
    def __init__(self, pause: float):
        self.pause = pause
        self._lock = threading.Lock()
        self._closed_until = 0.0

    def lets_pass(self) -> bool:
        with self._lock:
            return time.monotonic() >= self._closed_until

    def trip(self) -> None:
        with self._lock:
            self._closed_until = time.monotonic() + self.pause

    def reset(self) -> None:
        with self._lock:
            self._closed_until = 0.0
