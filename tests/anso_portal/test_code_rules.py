"""Rules of the house that a reader could overlook, asked of the code itself."""

import ast
import inspect
import re
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    *("anso_portal", "accounts", "centers", "exchanges", "members", "news", "notifications", "projects", "proposals"),
    *("toolkit", "vocabularies", "workflow"),
)
FILES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), filename=str(path))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_rules_are_asked_of_all_the_code():
    assert len(FILES) > 150


# --- T20: what was typed goes into a page as text, and an address opens a page

SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
WRITES_MARKUP = re.compile(
    r"(inner|outer)HTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser|setHTML|srcdoc"
    r"|\b(alert|confirm|prompt|eval|Function)\(|set(Timeout|Interval)\(\s*[\"'`]"
)
UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|autoescape\s+off|\shx-(?:confirm|prompt|on)\b|\son[a-z]+=")
# Each writes what it escaped or cleaned itself.
MAY_MARK_SAFE = {"toolkit/markdown.py", "toolkit/templatetags/records.py"}


def test_t20_scripts_write_text_and_ask_nothing_in_boxes_of_the_browser():
    assert SCRIPTS
    assert {path.name: WRITES_MARKUP.findall(path.read_text()) for path in SCRIPTS} == {
        path.name: [] for path in SCRIPTS
    }


def test_t20_templates_escape_whatever_they_show():
    assert len(TEMPLATES) > 100
    found = {name_of(path): UNESCAPED.findall(path.read_text()) for path in TEMPLATES}

    # A mail in plain text has no markup to escape from.
    assert {name: marks for name, marks in found.items() if marks} == {
        "templates/emails/letter.txt": ["autoescape off"]
    }


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        (WRITES_MARKUP, "note.innerHTML = name"),
        (WRITES_MARKUP, "note.insertAdjacentHTML('beforeend', name)"),
        (WRITES_MARKUP, "if (confirm(`Delete ${name}?`)) form.submit()"),
        (WRITES_MARKUP, "setTimeout('run()', 5)"),
        (UNESCAPED, "{{ name|safe }}"),
        (UNESCAPED, "{{ names | safeseq | join:', ' }}"),
        (UNESCAPED, "{% autoescape off %}{{ name }}"),
        (UNESCAPED, '<button hx-confirm="Delete {{ name }}?">'),
        (UNESCAPED, '<button onclick="run()">'),
    ],
)
def test_t20_the_rules_find_what_writes_markup(rule, code):
    assert rule.search(code)


def test_t20_code_marks_no_text_as_safe():
    found = {name_of(path) for path in FILES if re.search(r"mark_safe\(|SafeString\([^\"]|__html__", path.read_text())}

    assert found == MAY_MARK_SAFE


def test_t20_addresses_are_taken_by_the_field_that_looks_at_their_scheme():
    found = {name_of(path) for path in FILES if re.search(r"\bURL(Field|Validator)\b", path.read_text())}

    assert found == {"toolkit/web.py"}


# --- T29: nothing here opens an address that somebody typed

OPENS_ADDRESSES = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "pycurl",
    "requests",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "websockets",
}
# Each asks a server of our own whose address comes from the settings, or listens.
MAY = {
    "anso_portal/supervisor/addresses.py": {"socket"},
    "anso_portal/supervisor/startup.py": {"http.client"},
    "anso_portal/supervisor/servers.py": {"socket"},
    "notifications/sender.py": {"socket"},
    "notifications/webhooks.py": {"http.client", "socket"},  # to addresses that were looked at; see its own T29
}


def modules_imported(tree: ast.Module):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def opening(tree: ast.Module) -> set[str]:
    named = set(modules_imported(tree))
    return {
        module for module in OPENS_ADDRESSES if any(name == module or name.startswith(f"{module}.") for name in named)
    }


def test_t29_no_code_fetches_an_address():
    found = {name_of(path): opening(parsed(path)) - MAY.get(name_of(path), set()) for path in FILES}

    assert {name: modules for name, modules in found.items() if modules} == {}


@pytest.mark.parametrize(
    "code",
    ["import requests", "from urllib.request import urlopen", "from urllib import request", "import http.client as h"],
)
def test_t29_the_rule_finds_what_fetches(code):
    assert opening(ast.parse(code))


# --- T44: what a visitor sends never becomes the names of arguments

SENT = {"GET", "POST", "COOKIES", "META", "FILES", "headers", "body", "cleaned_data", "data", "kwargs"}
ORM = {
    *("filter", "exclude", "get", "create", "update", "annotate", "alias", "aggregate", "order_by", "values"),
    *("values_list", "Q", "get_or_create", "update_or_create", "get_object_or_404", "get_visible_or_404"),
}


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def spread_requests(tree: ast.Module):
    """Calls of the ORM with ** of something that was sent, as it stands or through a local name."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.Lambda | ast.Module):
            continue
        tainted = {
            target.id
            for node in ast.walk(function)
            if isinstance(node, ast.Assign) and touches_request(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or called(node) not in ORM:
                continue
            for keyword in node.keywords:
                if keyword.arg is None and (touches_request(keyword.value) or names(keyword.value) & tainted):
                    yield node.lineno


def touches_request(value: ast.AST) -> bool:
    """request.GET, form.cleaned_data, request.GET.dict() and so on; a dictionary written out has names of its own."""
    if isinstance(value, ast.Dict):
        return any(key is None and touches_request(part) for key, part in zip(value.keys, value.values, strict=True))
    if isinstance(value, ast.DictComp):
        return touches_request(value.generators[0].iter)
    return any(
        isinstance(node, ast.Attribute) and node.attr in SENT and isinstance(node.value, ast.Name | ast.Attribute)
        for node in ast.walk(value)
    )


def names(value: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}


def test_t44_no_request_is_spread_into_a_query():
    found = {name_of(path): sorted(set(spread_requests(parsed(path)))) for path in FILES}

    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "code",
    [
        "Model.objects.filter(**request.GET)",
        "Model.objects.filter(**request.GET.dict())",
        "Model.objects.filter(Q(**form.cleaned_data))",
        "def f(request):\n    asked = request.POST.dict()\n    return Model.objects.exclude(**asked)",
        "Model.objects.filter(**{k: v for k, v in request.GET.items()})",
        "Model.objects.create(**{**request.POST})",
    ],
)
def test_t44_the_rule_finds_a_request_that_is_spread(code):
    assert list(spread_requests(ast.parse(code)))


@pytest.mark.parametrize(
    "code", ['Model.objects.filter(**{field: request.GET["q"]})', "Model.objects.filter(**self.lookups)"]
)
def test_t44_the_rule_lets_names_of_our_own_pass(code):
    assert not list(spread_requests(ast.parse(code)))


def test_t44_django_is_one_that_checks_names():
    """CVE-2025-64459: before 5.2.8, a spread request could change the connector of a query; 5.2.19 has the later ones too."""
    pinned = re.search(r"^django==([\d.]+)", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    wanted = re.search(r"^django\b.*==([\d.]+)$", (ROOT / "requirements.in").read_text(), re.MULTILINE | re.IGNORECASE)

    assert pinned
    assert tuple(map(int, pinned[1].split("."))) >= (5, 2, 19)
    assert wanted
    assert tuple(map(int, wanted[1].split("."))) >= (5, 2)


# --- T45: a message of the queue carries nothing that is worth stealing or forging


def our_tasks():
    current_app.loader.import_default_modules()
    return {name: task for name, task in current_app.tasks.items() if not name.startswith("celery.")}


def test_t45_messages_are_json_and_leave_no_result():
    assert current_app.conf.task_serializer == "json"
    assert current_app.conf.accept_content == ["json"]
    assert current_app.conf.result_backend is None
    assert settings.CELERY_TASK_IGNORE_RESULT


def test_t45_a_task_takes_nothing_but_numbers_of_rows():
    assert our_tasks()
    for name, task in our_tasks().items():
        for parameter in inspect.signature(task.run).parameters.values():
            assert re.fullmatch(r"(\w+_)?(pk|id|key)", parameter.name), f"{name} takes {parameter.name}"
            assert parameter.annotation is int, f"{name} takes {parameter.name} that is no number"


def carries(node: ast.Call) -> bool:
    """`delay` and `apply_async` take along whatever they are given; a task is woken by its name alone."""
    if called(node) == "delay":
        return bool(node.args or node.keywords)
    if called(node) in ("apply_async", "send_task"):
        return len(node.args) > 1 or any(keyword.arg in ("args", "kwargs") for keyword in node.keywords)
    return False


def test_t45_who_calls_a_task_sends_its_name_only():
    calls = {path: [node for node in ast.walk(parsed(path)) if isinstance(node, ast.Call)] for path in FILES}
    found = {name_of(path): [node.lineno for node in nodes if carries(node)] for path, nodes in calls.items()}

    assert {name: lines for name, lines in found.items() if lines} == {}


def test_t45_nothing_is_pickled():
    unsafe = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
    found = {
        name_of(path): unsafe & {name.partition(".")[0] for name in modules_imported(parsed(path))} for path in FILES
    }

    assert {name: modules for name, modules in found.items() if modules} == {}
