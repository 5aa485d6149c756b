"""Fills in the forms of the desk as a browser would: what stands on the page is sent back, but for the changes."""

from html.parser import HTMLParser

from django.db import connection
from django.test.utils import CaptureQueriesContext


class _Form(HTMLParser):
    def __init__(self):
        super().__init__()
        self.data: dict[str, list[str]] = {}
        self.select = self.textarea = None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        name, kind = attrs.get("name"), attrs.get("type", "text")
        if tag == "option" and self.select and "selected" in attrs:
            self.data.setdefault(self.select, []).append(attrs.get("value", ""))
        if not name or "__prefix__" in name:
            return
        if tag == "select":
            self.select = name
        elif tag == "textarea":
            self.textarea = name
            self.data[name] = [""]
        elif (
            tag == "input"
            and kind not in ("submit", "file")
            and (kind not in ("checkbox", "radio") or "checked" in attrs)
        ):
            self.data.setdefault(name, []).append(attrs.get("value", "on" if kind == "checkbox" else ""))

    def handle_endtag(self, tag):
        if tag == "select":
            self.select = None
        if tag == "textarea":
            self.textarea = None

    def handle_data(self, text):
        if self.textarea:
            self.data[self.textarea][0] += text


def fields(response) -> dict[str, list[str]]:
    form = _Form()
    form.feed(response.content.decode())
    texts = {name: [values[0].removeprefix("\n")] if len(values) == 1 else values for name, values in form.data.items()}
    return {name: values for name, values in texts.items() if name not in ("q", "csrfmiddlewaretoken")}


def send(client, address, changes=None, *, add=None, button="_save", **options):
    """GETs the page, changes some fields (None takes one away), and POSTs it. `add` is {prefix: [rows]} for new rows."""
    data = fields(client.get(address)) | dict(changes or {})
    for prefix, rows in (add or {}).items():
        total = int(data[f"{prefix}-TOTAL_FORMS"][0])
        for position, row in enumerate(rows, total):
            data |= {f"{prefix}-{position}-{name}": value for name, value in row.items()}
        data[f"{prefix}-TOTAL_FORMS"] = [str(total + len(rows))]
    data = {name: value for name, value in data.items() if value is not None}
    name, _, value = button.partition("=")
    return client.post(address, data | {name: value or "x"}, **options)


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def errors(response) -> str:
    """All that the page complains of, in one text."""
    context = response.context
    found = [str(context["errors"])] if context and "errors" in context else []
    return "\n".join(found)


def told(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]
