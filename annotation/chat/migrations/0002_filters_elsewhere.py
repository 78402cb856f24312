from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0001_conversations"),
        ("registry", "0011_upstream_kind"),
    ]

    operations = [
        migrations.RunSQL(
            """
            UPDATE registry_served SET upstream_kind = 'moderation'
            WHERE model_id IS NULL AND id IN (SELECT filter_id FROM chat_chatsetup)
            """,
            migrations.RunSQL.noop,
        ),
    ]
