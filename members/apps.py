from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Members and people")

    def ready(self) -> None:
        import members.checks
        import members.emails.applications
        import members.emails.changes
        import members.emails.confirmations
        import members.emails.endpoints
        import members.emails.merges
        import members.emails.messages
        import members.emails.people
        import members.emails.roles
        import members.emails.standings
        import members.merging.known
        import members.workflow.applications
        import members.workflow.changes
        import members.workflow.invitations  # noqa: F401
        from members.models import Institution, InstitutionRedirect, Person
        from notifications import topics

        topics.register("institution", topics.by_key(Institution))
        topics.register("person", topics.by_key(Person))
        topics.register_successor("institution", InstitutionRedirect.objects.number_now)
