import pytest
from celery import current_app
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_installing_the_queue_twice_changes_nothing() -> None:
    call_command("install_queue")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_proc WHERE pronamespace = 'pgmq'::regnamespace")
        assert cursor.fetchone()[0] > 20


@pytest.mark.django_db(transaction=True)
def test_a_message_reaches_its_queue() -> None:
    current_app.send_task("nobody.listens", queue="default")
    with connection.cursor() as cursor:
        cursor.execute("SELECT message->'headers'->>'task' FROM pgmq.q_default ORDER BY msg_id DESC LIMIT 1")
        assert cursor.fetchone() == ("nobody.listens",)
        cursor.execute("SELECT pgmq.purge_queue('default')")
