"""gunicorn's own lines, written like all others."""

import logging
import os
from typing import Any

from gunicorn.glogging import Logger

from toolkit.logs import formatter, shown_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anso_portal.settings")  # It writes before the application is loaded.


class WebLogger(Logger):
    """For `--logger-class`. Its access log names no address and no program of a visitor, and no search words."""

    def _set_handler(self, log: logging.Logger, output, fmt, stream=None) -> None:
        super()._set_handler(log, output, formatter(), stream)

    def access(self, resp, req, environ: dict[str, Any], request_time) -> None:
        if not self.access_log_enabled:
            return
        facts = {
            "method": environ.get("REQUEST_METHOD"),
            "address": shown_path(environ.get("PATH_INFO", "")),
            "status": int(str(resp.status).partition(" ")[0]),
            "bytes": getattr(resp, "sent", None),
            "ms": round(request_time.total_seconds() * 1000),
            "request": dict(resp.headers).get("X-Request-ID"),
        }
        self.access_log.info("%(method)s %(address)s %(status)s", facts, extra={"facts": facts})
