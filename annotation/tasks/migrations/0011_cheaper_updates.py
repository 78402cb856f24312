"""A claim and an answer each write their task anew, into every index that it is in, and an answer its tally."""

import django.db.models.deletion
from django.db import migrations, models

# The change of one row in general: what its old form counted for goes, what its new one does comes.
ANY_CHANGE = """
    INSERT INTO tasks_tally (protocol_id, language, open, done, missing)
    SELECT (task).protocol_id, (task).language,
           sum(sign * ((task).state = 'open')::int),
           sum(sign * ((task).state = 'closed')::int),
           sum(CASE WHEN (task).state = 'open'
                    THEN sign * greatest((task).required_answers - (task).answers_count, 0) ELSE 0 END)
    FROM (VALUES (-1, OLD), (1, NEW)) AS change (sign, task) WHERE (task).purpose = 'work' GROUP BY 1, 2
"""
# The same where it stays in its protocol, language and lane, as it does with every answer: nothing to group or sum.
OWN_CHANGE = """
    INSERT INTO tasks_tally (protocol_id, language, open, done, missing) VALUES (
        NEW.protocol_id, NEW.language,
        (NEW.state = 'open')::int - (OLD.state = 'open')::int,
        (NEW.state = 'closed')::int - (OLD.state = 'closed')::int,
        CASE WHEN NEW.state = 'open' THEN greatest(NEW.required_answers - NEW.answers_count, 0) ELSE 0 END
        - CASE WHEN OLD.state = 'open' THEN greatest(OLD.required_answers - OLD.answers_count, 0) ELSE 0 END)
"""
FUNCTION = "CREATE OR REPLACE FUNCTION tasks_tally_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} END $$"
STAYS = "NEW.protocol_id = OLD.protocol_id AND NEW.language = OLD.language AND NEW.purpose = 'work' AND OLD.purpose = 'work'"


class Migration(migrations.Migration):

    dependencies = [
        ('tasks', '0010_documents'),
    ]

    operations = [
        migrations.RunSQL(
            FUNCTION.format(f"IF {STAYS} THEN {OWN_CHANGE}; ELSE {ANY_CHANGE}; END IF; RETURN NULL;"),
            FUNCTION.format(f"{ANY_CHANGE}; RETURN NULL;"),
        ),
        migrations.AlterField(
            model_name='task',
            name='follows',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='followed_by', to='tasks.answer'),
        ),
        migrations.AddIndex(
            model_name='task',
            index=models.Index(condition=models.Q(('follows__isnull', False)), fields=['follows'], name='tasks_that_follow'),
        ),
    ]
