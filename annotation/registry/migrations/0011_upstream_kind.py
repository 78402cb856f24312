from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0010_refinement"),
    ]

    operations = [
        migrations.AddField(
            model_name="served",
            name="upstream_kind",
            field=models.CharField(
                blank=True,
                choices=[("chat", "Chat"), ("moderation", "Moderation"), ("llama_guard", "Llama Guard")],
                default="",
                max_length=11,
            ),
        ),
        # Those that stand before a project's models are told apart by the room that chose them.
        migrations.RunSQL(
            "UPDATE registry_served SET upstream_kind = 'chat' WHERE model_id IS NULL", migrations.RunSQL.noop
        ),
        migrations.AddConstraint(
            model_name="served",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("model__isnull", False), ("upstream_kind", "")),
                    models.Q(("model", None), ("upstream_kind__in", ["chat", "moderation", "llama_guard"])),
                    _connector="OR",
                ),
                name="served_is_ours_or_elsewhere",
            ),
        ),
    ]
