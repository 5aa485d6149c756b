"""A notification is told by one delivery at most, so it names it: a table and six indexes less for each announcement."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

CARRY_OVER = """
UPDATE notifications_notification told SET delivery_id = item.delivery_id
FROM notifications_deliveryitem item WHERE item.notification_id = told.id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
CARRY_BACK = """
INSERT INTO notifications_deliveryitem (delivery_id, notification_id)
SELECT delivery_id, id FROM notifications_notification WHERE delivery_id IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("notifications", "0008_programs")]

    operations = [
        migrations.RemoveField(model_name="delivery", name="notifications"),
        migrations.AddField(
            model_name="notification",
            name="delivery",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="notifications",
                to="notifications.delivery",
                verbose_name="delivery",
            ),
        ),
        migrations.RunSQL(CARRY_OVER, CARRY_BACK),
        migrations.DeleteModel(name="DeliveryItem"),
        migrations.AlterField(
            model_name="delivery",
            name="created_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="written"),
        ),
        migrations.AlterField(
            model_name="delivery", name="idem", field=models.CharField(db_collation="C", max_length=64)
        ),
        migrations.AlterField(
            model_name="notification",
            name="event",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notifications",
                to="notifications.event",
                verbose_name="event",
            ),
        ),
        migrations.AlterField(
            model_name="notification",
            name="subscriber",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notifications",
                to="notifications.subscriber",
                verbose_name="subscriber",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="delivery_written"),
        ),
        migrations.AddConstraint(
            model_name="delivery", constraint=models.UniqueConstraint(fields=("idem",), name="delivery_once")
        ),
    ]
