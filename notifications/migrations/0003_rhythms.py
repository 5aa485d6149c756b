from django.db import migrations, models
from django.db.models import F, Q

RHYTHMS = [("now", "at once"), ("daily", "once a day"), ("weekly", "once a week"), ("off", "never")]


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_delivery_secret")]

    operations = [
        migrations.RemoveConstraint(model_name="preference", name="preference_once"),
        migrations.RenameField(model_name="preference", old_name="kind", new_name="about"),
        migrations.AlterField(
            model_name="preference",
            name="about",
            field=models.CharField(max_length=60, verbose_name="about"),
        ),
        migrations.AlterField(
            model_name="preference",
            name="channel",
            field=models.CharField(
                choices=[("email", "e-mail"), ("inbox", "inbox")],
                default="email",
                max_length=10,
                verbose_name="channel",
            ),
        ),
        migrations.AlterField(
            model_name="preference",
            name="rhythm",
            field=models.CharField(choices=RHYTHMS, default="off", max_length=10, verbose_name="rhythm"),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.UniqueConstraint(fields=("subscriber", "about", "channel"), name="preference_once"),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=Q(channel="email") | Q(channel="inbox", rhythm__in=["now", "off"]),
                name="preference_inbox_is_now_or_never",
            ),
        ),
        migrations.AddConstraint(
            model_name="preference",
            constraint=models.CheckConstraint(
                condition=Q(rhythm__in=["now", "daily", "weekly", "off"]), name="preference_rhythm_known"
            ),
        ),
        migrations.AddField(
            model_name="notification",
            name="in_inbox",
            field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name="in the inbox"),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail",
            field=models.CharField(
                choices=RHYTHMS,
                db_default="now",
                default="now",
                editable=False,
                max_length=6,
                verbose_name="by e-mail",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=Q(mail__in=["daily", "weekly"]), fields=["subscriber"], name="notification_waits"
            ),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="quiet_from",
            field=models.TimeField(blank=True, null=True, verbose_name="no e-mail from"),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="quiet_until",
            field=models.TimeField(blank=True, null=True, verbose_name="no e-mail until"),
        ),
        migrations.AddConstraint(
            model_name="subscriber",
            constraint=models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="subscriber_quiet_hours_are_two",
                violation_error_message="Quiet hours have a beginning and another end, or neither.",
            ),
        ),
    ]
