"""The states of calls and proposals, one noun per file; ProposalsConfig.ready() imports them."""

from proposals.workflow import calls, proposals

__all__ = ["calls", "proposals"]
