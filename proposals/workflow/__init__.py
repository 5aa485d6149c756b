"""The states of calls, proposals and reviews, one noun per file; ProposalsConfig.ready() imports them."""

from proposals.workflow import calls, proposals, reviews

__all__ = ["calls", "proposals", "reviews"]
