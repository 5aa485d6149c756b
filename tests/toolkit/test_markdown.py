import pytest

from toolkit.markdown import html_of


def test_text_becomes_headings_lists_and_links():
    made = html_of("# Aim\n\n**Bold** and [words](https://example.org/)\n\n- one\n- two")
    assert made == (
        "<h2>Aim</h2>\n<p><strong>Bold</strong> and "
        '<a href="https://example.org/" rel="noopener nofollow">words</a></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html,x)",
        "![a](https://evil.example/x.png)",
        "<a href='javascript:alert(1)'>x</a>",
        "[a](vbscript:x)",
    ],
)
def test_nothing_of_it_runs_or_loads(text):
    made = html_of(text)
    for tag in ("<script", "<img", "<iframe", 'href="javascript', 'href="data', 'href="vbscript'):
        assert tag not in made
