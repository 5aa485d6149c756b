"""One spelling for each e-mail address, so that two that reach the same mailbox never belong to two accounts.

An address that only looks like another, or turns into it when the case of its letters changes (ı, K, ſ), is none: what
stands before the @ is ASCII, and a domain in another script takes the form in which mail servers know it.
"""


def one_spelling(address: str) -> str | None:
    """Lower-case ASCII, or None where mail servers could not be asked for it."""
    local, at, domain = address.strip().rpartition("@")
    try:
        spelled = f"{local}{at}{domain.encode('idna').decode('ascii')}"
    except UnicodeError:  # An empty or endless part of the domain, or a letter that domains do not have.
        return None
    return spelled.lower() if local and domain and spelled.isascii() else None
