"""Content-Security-Policy with the names of Django 6.0 (`SECURE_CSP`, `CSP.SELF`), which has it built in: on the way
there this module and its part of the middleware go.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class CSP(StrEnum):
    HEADER_ENFORCE = "Content-Security-Policy"
    NONE = "'none'"
    SELF = "'self'"


Policy = Mapping[str, Any]  # lists of sources; django-stubs knows no more of the setting

# For whatever is no page: shown by itself, it runs nothing, loads nothing and belongs to no site.
SANDBOX: Policy = {"default-src": [CSP.NONE], "frame-ancestors": [CSP.NONE], "sandbox": []}


def build_policy(policy: Policy) -> str:
    return "; ".join(" ".join([name, *sources]) for name, sources in policy.items())
