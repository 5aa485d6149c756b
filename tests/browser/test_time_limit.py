"""A page that hangs is one failed test: the browser goes on for the next."""

import pytest


@pytest.mark.time_limit(5)
def test_script_that_never_returns_fails_its_test_and_no_other(chromium):
    page = chromium.new_page()

    with pytest.raises(pytest.fail.Exception, match="took longer than 5 s"):
        page.evaluate("new Promise(() => {})")

    assert page.evaluate("1 + 1") == 2
    page.close()
