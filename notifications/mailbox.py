"""Django's own way of sending mail is closed: what leaves the portal is a delivery, which cannot be lost or doubled."""

from django.core.mail.backends.base import BaseEmailBackend


class ClosedMailbox(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise RuntimeError("The portal sends mail through notifications.actions.announce or post_mail only.")
