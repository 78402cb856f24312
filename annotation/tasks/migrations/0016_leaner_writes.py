"""A claim says by its columns alone that it changes no tally; before, each statement read the condition anew."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

tallies = import_module("annotation.tasks.migrations.0011_cheaper_updates")
STEERING = ("protocol_id", "language", "purpose", "state", "required_answers", "answers_count")
OLD, NEW = (", ".join(f"{which}.{column}" for column in STEERING) for which in ("OLD", "NEW"))
SAME = f"({OLD}) IS NOT DISTINCT FROM ({NEW})"


def function(before):
    stays = "NEW.protocol_id = OLD.protocol_id AND NEW.language = OLD.language AND NEW.purpose = 'work' AND OLD.purpose = 'work'"
    return (
        "CREATE OR REPLACE FUNCTION tasks_tally_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {before} IF {stays} THEN {tallies.OWN_CHANGE}; ELSE {tallies.ANY_CHANGE}; END IF; RETURN NULL; END $$"
    )


def trigger(when):
    return (
        f"DROP TRIGGER tally_changed ON tasks_task; CREATE TRIGGER tally_changed AFTER {when}"
        " EXECUTE FUNCTION tasks_tally_changed()"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0004_withdrawals"),
        ("projects", "0003_guideline_readings"),
        ("tasks", "0015_tasks_ended"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(function(f"IF {SAME} THEN RETURN NULL; END IF;"), function("")),
        migrations.RunSQL(
            trigger(f"UPDATE OF {', '.join(STEERING)} ON tasks_task FOR EACH ROW"),
            trigger(f"UPDATE ON tasks_task FOR EACH ROW WHEN (({OLD}) IS DISTINCT FROM ({NEW}))"),
        ),
        migrations.AlterField(
            model_name="answer",
            name="guideline_version",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="projects.guidelineversion",
            ),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=models.Index(
                condition=models.Q(("guideline_version__isnull", False)),
                fields=["guideline_version"],
                name="answers_by_guideline",
            ),
        ),
    ]
