import django.db.models.deletion
from django.db import migrations, models

# How much one task counts for; gold, screening and calibration are no work that will be done one day.
COUNTED = """
    SELECT (task).protocol_id, (task).language,
           sum(sign * ((task).state = 'open')::int),
           sum(sign * ((task).state = 'closed')::int),
           sum(CASE WHEN (task).state = 'open'
                    THEN sign * greatest((task).required_answers - (task).answers_count, 0) ELSE 0 END)
    FROM {source} WHERE (task).purpose = 'work' GROUP BY 1, 2
"""
INSERT = "INSERT INTO tasks_tally (protocol_id, language, open, done, missing)" + COUNTED
STEERING = ("protocol_id", "language", "purpose", "state", "required_answers", "answers_count")


def function(name, source):
    return migrations.RunSQL(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" {INSERT.format(source=source)}; RETURN NULL; END $$",
        f"DROP FUNCTION {name}()",
    )


def trigger(name, when, then):
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {when} EXECUTE FUNCTION {then}()", f"DROP TRIGGER {name} ON tasks_task"
    )


def row(which):
    return ", ".join(f"{which}.{column}" for column in STEERING)


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0002_eligibility_and_caps'),
        ('tasks', '0002_places_in_the_queue'),
    ]

    operations = [
        migrations.CreateModel(
            name='Tally',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('language', models.CharField(max_length=16)),
                ('open', models.IntegerField()),
                ('done', models.IntegerField()),
                ('missing', models.BigIntegerField(help_text='Answers that open tasks still want.')),
                ('protocol', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='projects.protocol')),
            ],
        ),
        function('tasks_tally_added', '(SELECT 1 AS sign, added AS task FROM added) AS change'),
        function('tasks_tally_gone', '(SELECT -1 AS sign, gone AS task FROM gone) AS change'),
        function('tasks_tally_changed', '(VALUES (-1, OLD), (1, NEW)) AS change (sign, task)'),
        trigger('tally_added', 'INSERT ON tasks_task REFERENCING NEW TABLE AS added FOR EACH STATEMENT', 'tasks_tally_added'),
        trigger('tally_gone', 'DELETE ON tasks_task REFERENCING OLD TABLE AS gone FOR EACH STATEMENT', 'tasks_tally_gone'),
        # For each row and with a condition: a claim changes none of these and pays nothing.
        trigger(
            'tally_changed',
            f'UPDATE ON tasks_task FOR EACH ROW WHEN (({row("OLD")}) IS DISTINCT FROM ({row("NEW")}))',
            'tasks_tally_changed',
        ),
        migrations.RunSQL(INSERT.format(source='(SELECT 1 AS sign, tasks_task AS task FROM tasks_task) AS change'), ''),
    ]
