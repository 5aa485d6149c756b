import pghistory
import pghistory.middleware


class HistoryMiddleware(pghistory.middleware.HistoryMiddleware):
    """Tells the history who acts, also from the moment that somebody signs in, and by which pattern of addresses.

    The pattern holds no values: an address may name a person or hold a secret, as the links of invitations do.
    """

    def get_context(self, request) -> dict:
        return {"user": request.user.pk}

    def process_view(self, request, view, args, kwargs) -> None:
        pghistory.context(route=f"/{request.resolver_match.route}")
