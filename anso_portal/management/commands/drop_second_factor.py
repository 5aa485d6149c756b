from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from anso_portal.account_actions import drop_second_factor


class Command(BaseCommand):
    help = "Takes the second factor off an account, where no administrator can get in to do it. The person is told by mail."

    def add_arguments(self, parser):
        parser.add_argument("email", help="the address of the account")

    def handle(self, *, email: str, **options):
        user = User.objects.of_address(email)
        if user is None:
            raise CommandError(f"No account has the address {email}.")
        if not drop_second_factor(user=user):
            raise CommandError(f"The account {email} has no second factor.")
        self.stdout.write(f"{email} signs in without a second factor now, and is asked to set one up for any role.")
