"""Notifications as pages show them."""

INBOX = "/desk/inbox/"
READ = "/desk/inbox/read/"
PREFERENCES = "/desk/notifications/"
