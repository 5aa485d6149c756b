"""Reads settings from the environment, the `.env` file and the running portal's `.anso/state.json`, in that order.

Each reader raises ImproperlyConfigured with a sentence that names the variable, what is wrong and what to write.
"""

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = BASE_DIR / (os.environ.get("ANSO_STATE_DIR") or ".anso")

# These start or look for the servers themselves, or need none.
COMMANDS_WITHOUT_SERVERS = {
    "up",
    "status",
    "collectstatic",
    "help",
    "version",
    "--help",
    "--version",
    "makemessages",
    "compilemessages",
}

# These change tables or read and write all of them, so they run as the owner: the application's role may not.
COMMANDS_OF_THE_OWNER = {"migrate", "prepare", "backup", "restore", "flush", "loaddata", "pgtrigger"}

SCHEMES = {
    "DATABASE_URL": ("postgres://", "postgresql://"),
    "REDIS_URL": ("redis://", "rediss://", "unix://"),
}

# Tests and checks see neither `.env` nor the portal that runs.
ALONE = bool(os.environ.get("ANSO_IGNORE_RUNNING_PORTAL"))

env = environ.Env()
if not ALONE:
    env.read_env(BASE_DIR / ".env")


def running_portal() -> dict:
    """The state that `manage.py up` wrote, or nothing."""
    if ALONE:
        return {}
    try:
        return json.loads((STATE_DIR / "state.json").read_text())
    except (OSError, ValueError):
        return {}


def needs_servers() -> bool:
    return not (len(sys.argv) > 1 and Path(sys.argv[0]).name == "manage.py" and sys.argv[1] in COMMANDS_WITHOUT_SERVERS)


def given_servers() -> dict[str, str]:
    """The addresses that the operator gives; bin/up starts a server for each that is missing."""
    return {name: service_url(name) for name in SCHEMES if env.str(name, default="")}


def service_url(name: str) -> str:
    """The address of a server, or an empty string for the few commands that need none."""
    url = env.str(name, default="") or running_portal().get(name.lower(), "")
    if not url:
        if needs_servers():
            raise ImproperlyConfigured(
                f"{name} is missing. Start the portal with bin/up, or write its address into .env (see .env.example)."
            )
        return ""
    return _of_a_scheme(name, url, SCHEMES[name])


def _of_a_scheme(name: str, url: str, schemes: tuple[str, ...]) -> str:
    if not url.startswith(schemes):
        raise ImproperlyConfigured(f"{name} must begin with {' or '.join(schemes)}, not with “{url.split('://')[0]}”.")
    return url


def owner_url() -> str:
    """The same database as its owner; empty where DATABASE_URL serves both. bin/up's own goes with bin/up's own only."""
    url = env.str("MIGRATION_DATABASE_URL", default="")
    if not url and not env.str("DATABASE_URL", default=""):
        url = running_portal().get("migration_database_url", "")
    return _of_a_scheme("MIGRATION_DATABASE_URL", url, SCHEMES["DATABASE_URL"]) if url else ""


def application_role() -> str:
    """The role that the portal runs as, where another one owns the tables."""
    url, owner = service_url("DATABASE_URL"), owner_url()
    if not url or not owner:
        return ""
    role = env.db_url_config(url)["USER"]
    return "" if role == env.db_url_config(owner)["USER"] else role


def speaks_as_owner() -> bool:
    return Path(sys.argv[0]).name == "manage.py" and sys.argv[1:2] != [] and sys.argv[1] in COMMANDS_OF_THE_OWNER


def database() -> dict:
    url = service_url("DATABASE_URL")
    if not url:
        return {"ENGINE": "django.db.backends.dummy"}
    if speaks_as_owner():
        url = owner_url() or url
    config = env.db_url_config(url)
    config.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    return {
        **config,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": integer("DATABASE_CONN_MAX_AGE", 300),
        "CONN_HEALTH_CHECKS": True,
    }


def celery_broker(redis_url: str) -> str:
    """Celery names a socket otherwise than redis-py does (unix:///p?db=0, redis+socket:///p?virtual_host=0)."""
    if redis_url.startswith("unix://"):
        path, _, query = redis_url.removeprefix("unix://").partition("?")
        number = query.removeprefix("db=") or "0"
        return f"redis+socket://{path}?virtual_host={number}"
    return redis_url


def integer(name: str, default: int) -> int:
    try:
        return env.int(name, default=default)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not “{os.environ[name]}”.") from None


def boolean(name: str, default: bool) -> bool:
    value = env.str(name, default=str(default)).strip().lower()
    if value not in {"true", "yes", "on", "1", "false", "no", "off", "0", ""}:
        raise ImproperlyConfigured(f"{name} must be true or false, not “{value}”.")
    return value in {"true", "yes", "on", "1"}


def log_format() -> str:
    """Lines of JSON for what collects logs; text where somebody looks on."""
    chosen = env.str("LOG_FORMAT", default="") or ("text" if sys.stderr.isatty() else "json")
    if chosen not in ("json", "text"):
        raise ImproperlyConfigured(f"LOG_FORMAT must be json or text, not “{chosen}”.")
    return chosen


def secret_key() -> str:
    """From SECRET_KEY, or from the file that `manage.py up` keeps."""
    key = env.str("SECRET_KEY", default="")
    if not key and (STATE_DIR / "secret_key").is_file():
        key = (STATE_DIR / "secret_key").read_text().strip()
    if not key:
        if needs_servers():
            raise ImproperlyConfigured(
                "SECRET_KEY is missing. Start the portal with bin/up, or write 50 random characters into .env (see .env.example)."
            )
        key = "no-request-is-answered-by-this-command"
    elif len(key) < 32:
        raise ImproperlyConfigured("SECRET_KEY is too short: 32 characters or more, please.")
    return key


def base_url() -> str:
    url = env.str("PORTAL_BASE_URL", default="") or running_portal().get("portal_url", "") or "http://127.0.0.1:8000"
    if not url.startswith(("http://", "https://")):
        raise ImproperlyConfigured(f"PORTAL_BASE_URL must begin with http:// or https://, not with “{url}”.")
    return url.rstrip("/")


MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


def email() -> dict:
    """EMAIL_URL such as smtp+tls://user:password@host:587; without it, mail is written to .anso/mail/."""
    url = env.str("EMAIL_URL", default="")
    if not url:
        return {}
    scheme = url.split("://")[0]
    try:
        config = env.email_url_config(url)
        if scheme not in MAIL_PORTS or not config["EMAIL_HOST"]:
            raise ValueError(scheme)
    except (KeyError, ValueError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            "EMAIL_URL cannot be read. Write it like smtp+tls://user:password@host:587."
        ) from None
    return {
        "MAIL_TRANSPORT": "notifications.transport.SmtpTransport",
        "EMAIL_HOST": config["EMAIL_HOST"],
        "EMAIL_PORT": config["EMAIL_PORT"] or MAIL_PORTS[scheme],
        "EMAIL_HOST_USER": config["EMAIL_HOST_USER"] or "",
        "EMAIL_HOST_PASSWORD": config["EMAIL_HOST_PASSWORD"] or "",
        "EMAIL_USE_TLS": scheme == "smtp+tls",
        "EMAIL_USE_SSL": scheme == "smtp+ssl",
    }


def sign_in_providers() -> dict:
    """Whose accounts may be used to sign in: ORCID, one OpenID Connect provider, both or none. In allauth's terms."""
    providers: dict = {}
    orcid = _together(
        ORCID_CLIENT_ID=env.str("ORCID_CLIENT_ID", default=""),
        ORCID_CLIENT_SECRET=env.str("ORCID_CLIENT_SECRET", default=""),
    )
    if orcid:
        providers["orcid"] = {
            "APPS": [{"client_id": orcid["ORCID_CLIENT_ID"], "secret": orcid["ORCID_CLIENT_SECRET"]}],
            "BASE_DOMAIN": env.str("ORCID_DOMAIN", default="orcid.org"),
        }
    oidc = _together(
        OIDC_NAME=env.str("OIDC_NAME", default=""),
        OIDC_URL=env.str("OIDC_URL", default=""),
        OIDC_CLIENT_ID=env.str("OIDC_CLIENT_ID", default=""),
        OIDC_CLIENT_SECRET=env.str("OIDC_CLIENT_SECRET", default=""),
    )
    if oidc:
        if not oidc["OIDC_URL"].startswith("https://"):
            raise ImproperlyConfigured(
                f"OIDC_URL must begin with https://, not with “{oidc['OIDC_URL'].split('://')[0]}”."
            )
        app = {
            "provider_id": "sso",
            "name": oidc["OIDC_NAME"],
            "client_id": oidc["OIDC_CLIENT_ID"],
            "secret": oidc["OIDC_CLIENT_SECRET"],
            "settings": {"server_url": oidc["OIDC_URL"]},
        }
        providers["openid_connect"] = {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}
    return providers


def provider_origins(providers: dict) -> list[str]:
    """Where the browser is sent to sign in; a policy of the pages has to allow it."""
    origins = [f"https://{providers['orcid']['BASE_DOMAIN']}"] if "orcid" in providers else []
    for app in providers.get("openid_connect", {}).get("APPS", []):
        parts = urlsplit(app["settings"]["server_url"])
        origins.append(f"{parts.scheme}://{parts.netloc}")
    return origins


def _together(**given: str) -> dict[str, str]:
    """Variables that make sense only together, or nothing where none is given."""
    missing = [name for name, value in given.items() if not value]
    if missing and len(missing) < len(given):
        raise ImproperlyConfigured(f"{', '.join(missing)} is missing: {', '.join(given)} are given together, or none.")
    return {} if missing else given
