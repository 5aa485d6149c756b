"""Which worker runs what, and what each folder took: a pytest plugin.

A file stays together, all that needs the browser is one piece (its portal starts once), and long pieces come first, so that
no worker waits for the other at the end.
"""

from collections import Counter
from pathlib import Path

import pytest

BROWSER = "tests/browser/"
LONG = (
    *(BROWSER, "tests/matrix/", "tests/notifications/test_processes.py", "tests/anso_portal/test_up.py"),
    *("tests/toolkit/test_listing.py", "tests/anso_portal/test_admin_pages.py", "tests/members/changes/"),
)


def rank(nodeid: str) -> int:
    return next((number for number, start in enumerate(LONG) if nodeid.startswith(start)), len(LONG))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    from xdist.scheduler import LoadFileScheduling

    class Pieces(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)

    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # it would put many quick tests before few slow ones
    return Pieces(config, log)


def pytest_terminal_summary(terminalreporter):
    """Seconds of work in each folder, of both workers together; only where all of it ran."""
    seconds, numbers = Counter(), Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                folder = str(Path(report.nodeid.partition("::")[0]).parent)
                seconds[folder] += report.duration
                numbers[folder] += report.when == "call"
    if len(seconds) > 3:
        terminalreporter.write_line("Seconds of work, by folder:")
        for folder, spent in seconds.most_common():
            terminalreporter.write_line(f"{spent:8.0f} s {numbers[folder]:6,} tests  {folder}")
