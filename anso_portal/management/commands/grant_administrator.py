from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from members.actions.roles import grant_in_emergency


class Command(BaseCommand):
    help = (
        "Emergency access: makes an account an administrator. The history keeps it with the reason; the person and all "
        "administrators are told."
    )

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address of an account that exists")
        parser.add_argument(
            "--reason", required=True, help="why, in a sentence; no names of people: it stays in the history"
        )
        parser.add_argument("--days", type=int, help="for so many days from today; without it until somebody ends it")

    def handle(self, *, email: str, reason: str, days: int | None, **options):
        if not reason.strip():
            raise CommandError("Say why with --reason.")
        if days is not None and not 1 <= days <= 3650:
            raise CommandError("--days is a number from 1 to 3650.")
        user = User.objects.of_address(email)
        if user is None:
            raise CommandError(f"No account has the address {email}.")
        if not user.is_active:
            raise CommandError(f"The account {email} is closed: open it in the administration first.")
        if "administrator" in user.held_roles:
            raise CommandError(f"{email} is an administrator already.")
        given = grant_in_emergency(user=user, reason=reason.strip(), days=days)
        until = f"until {given.ends_on}" if given.ends_on else "until somebody ends it at /desk/roles/"
        self.stdout.write(
            f"{email} is an administrator from {given.starts_on} {until}. All administrators are being told."
        )
