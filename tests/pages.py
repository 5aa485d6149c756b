"""What a test looks at in a page: its words, its links, and what it cost the database."""

import html
import json
import re

from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext


def body(response) -> str:
    return response.content.decode()


def words(response) -> str:
    """The text of the page as a reader sees it, in one line, without head and scripts."""
    text = re.sub(r"(?s)<head>.*?</head>|<script.*?</script>|<svg.*?</svg>", " ", body(response))
    text = re.sub(r"</?(?:bdi|b|a)\b[^>]*>", "", text)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def links(response) -> list[str]:
    """The addresses of all links in the main part of the page, in their order."""
    main = body(response).partition('<main id="main"')[2].partition("</main>")[0]
    return [html.unescape(address) for address in re.findall(r'<a [^>]*?href="([^"]*)"', main)]


def heading(response) -> str:
    """The one h1; a page with none or two of them fails here."""
    (found,) = re.findall(r"(?s)<h1[^>]*>(.*?)</h1>", body(response))
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", found)).split())


def title(response) -> str:
    return html.unescape(re.search(r"(?s)<title>(.*?)</title>", body(response))[1])


def linked_data(response) -> dict:
    return json.loads(re.search(r'(?s)<script type="application/ld\+json">(.*?)</script>', body(response))[1])


def statements(client, address: str) -> int:
    """SQL statements of the page when nothing is cached, which is the most it can cost."""
    cache.clear()
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address)
    assert response.status_code == 200
    return len(asked)
