"""Statements past the cursors: values arrive as they were, errors and transactions are Django's."""

import uuid
from datetime import UTC, date, datetime

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.pq import TransactionStatus
from psycopg.types.json import Jsonb

from annotation import prepared
from annotation.people.models import User

pytestmark = pytest.mark.django_db

ECHO = """
    SELECT %(number)s::bigint AS number, %(real)s::float8 AS real, %(text)s::text AS text, %(flag)s::boolean AS flag,
           %(key)s::uuid AS key, %(at)s::timestamptz AS at, %(day)s::date AS day, %(numbers)s::bigint[] AS numbers,
           %(texts)s::text[] AS texts, %(json)s::jsonb::json AS json, 10 %% 4 AS rest
"""
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
LONG = st.integers(-(2**63), 2**63 - 1)
VALUES = st.fixed_dictionaries(
    {
        "number": st.none() | LONG,
        "real": st.none() | st.floats(allow_nan=False),
        "text": st.none() | TEXT,
        "flag": st.none() | st.booleans(),
        "key": st.none() | st.uuids(),
        "at": st.none() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)),
        "day": st.none() | st.dates(date(1, 1, 1)),
        "numbers": st.none() | st.lists(LONG),
        "texts": st.none() | st.lists(TEXT),
        "json": st.recursive(LONG | TEXT, lambda part: st.lists(part) | st.dictionaries(TEXT, part)),
    }
)


@given(VALUES)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_goes_in_comes_out(db: None, values: dict) -> None:
    row = prepared.run(ECHO, {**values, "json": Jsonb(values["json"])})[0]
    assert row._asdict() == {**values, "rest": 2}


def test_choices_are_texts_and_tuples_are_arrays() -> None:
    from annotation.tasks.models import Purpose

    row = prepared.run("SELECT %(a)s::text AS a, %(b)s::bigint[] AS b", {"a": Purpose.GOLD, "b": (1, 2)})[0]
    assert tuple(row) == ("gold", [1, 2])


def test_several_statements_see_each_other_in_their_order() -> None:
    key = {"email": f"{uuid.uuid4()}@example.com"}
    count = "SELECT count(*) AS n FROM people_user WHERE email = %(email)s::text"
    User.objects.create(email="other@example.com", name="Other")
    rename = "UPDATE people_user SET email = %(email)s::text WHERE email = 'other@example.com'"
    before, renamed, after = prepared.together((count, key), (rename, key), (count, key))
    assert (before[0].n, renamed, after[0].n) == (0, [], 1)


def test_the_first_error_is_djangos_and_nothing_after_it_has_run(django_user_model: type[User]) -> None:
    person = django_user_model.objects.create(email="first@example.com", name="First")
    rename = "UPDATE people_user SET name = %(name)s::text WHERE id = %(id)s::bigint"
    twice = "INSERT INTO people_user SELECT * FROM people_user WHERE id = %(id)s::bigint"
    with pytest.raises(IntegrityError), transaction.atomic():
        prepared.together((twice, {"id": person.pk}), (rename, {"id": person.pk, "name": "Second"}))
    person.refresh_from_db()
    assert person.name == "First"
    with pytest.raises(DataError, match="NUL"):
        prepared.run("SELECT %(text)s::text", {"text": "a\x00b"})


def test_a_broken_transaction_takes_no_more_statements() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            prepared.run("SELECT 1", {})


def test_what_is_longer_than_any_buffer_travels_both_ways() -> None:
    text = "so it is, one would say. " * 400_000
    echo = "SELECT %(text)s::text AS text"
    rows = prepared.together((echo, {"text": text}), (echo, {"text": text}))
    assert [row[0].text == text for row in rows] == [True, True]


def test_statements_are_counted_as_djangos_own() -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        prepared.together(("SELECT 1 AS one", {}), ("SELECT 2 AS two", {}))
    assert [query["sql"] for query in queries] == ["SELECT 1 AS one", "SELECT 2 AS two"]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_begins_and_ends_with_its_statements() -> None:
    person = User.objects.create(email="kept@example.com", name="Old")
    rename = "UPDATE people_user SET name = %(name)s::text WHERE id = %(id)s::bigint"
    done: list[str] = []
    with transaction.atomic():
        transaction.on_commit(lambda: done.append("yes"))
        prepared.run(rename, {"name": "New", "id": person.pk})
        prepared.together((rename, {"name": "Newer", "id": person.pk}), commits=True)
        assert connection.connection.pgconn.transaction_status == TransactionStatus.IDLE
        assert done == []
    assert done == ["yes"]
    with transaction.atomic():
        with transaction.atomic():  # only the outermost commits
            prepared.together((rename, {"name": "Lost", "id": person.pk}), commits=True)
        transaction.set_rollback(True)
    person.refresh_from_db()
    assert person.name == "Newer"


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_is_an_operational_error_and_the_next_one_works() -> None:
    pid = prepared.run("SELECT pg_backend_pid() AS pid", {})[0].pid
    with pytest.raises(OperationalError):
        prepared.together(("SELECT pg_terminate_backend(%(pid)s::int)", {"pid": pid}), ("SELECT 1 AS one", {}))
    connection.close()
    assert prepared.run("SELECT 1 AS one", {})[0].one == 1


def test_a_built_row_is_a_stored_one_whose_other_columns_load(django_assert_num_queries: object) -> None:
    person = User.objects.create(email="built@example.com", name="Built")
    row = prepared.built(User, {"id": person.pk, "email": person.email})
    assert row == person
    assert not row._state.adding
    assert row.get_deferred_fields() >= {"name", "password"}
    assert row.name == "Built"


ONE = ("SELECT %(n)s::int AS n, 'x' AS x", {"n": 1})
RENAME = ("UPDATE people_user SET name = %(name)s::text WHERE id = %(id)s::bigint", {"name": "Second"})


def test_a_proof_goes_ahead_of_the_first_statements_alone() -> None:
    proof = prepared.Proof(ONE, (1, "x"))
    with CaptureQueriesContext(connection) as asked, prepared.presuming(proof), transaction.atomic():
        assert not proof.holds
        assert prepared.run("SELECT 2 AS n", {})[0].n == 2
        assert prepared.run("SELECT 3 AS n", {})[0].n == 3
    assert proof.holds
    assert [query["sql"] for query in asked if "SELECT" in query["sql"]] == [ONE[0], "SELECT 2 AS n", "SELECT 3 AS n"]


@pytest.mark.parametrize("expected", [(2, "x"), (1, "y"), (1,)])
def test_nothing_is_done_on_a_presumption_that_fails(
    expected: tuple[object, ...], django_user_model: type[User]
) -> None:
    person = django_user_model.objects.create(email="first@example.com", name="First")
    rename = (RENAME[0], {**RENAME[1], "id": person.pk})
    proof = prepared.Proof(ONE, expected)
    with pytest.raises(prepared.Mistaken), prepared.presuming(proof), transaction.atomic():
        prepared.together(rename)
    person.refresh_from_db()
    assert (person.name, proof.holds) == ("First", False)


@pytest.mark.django_db(transaction=True)
def test_what_cannot_be_taken_back_waits_for_the_proof(django_user_model: type[User]) -> None:
    person = django_user_model.objects.create(email="first@example.com", name="First")
    rename = (RENAME[0], {**RENAME[1], "id": person.pk})
    with pytest.raises(prepared.Mistaken), prepared.presuming(prepared.Proof(ONE, ())):
        prepared.together(rename)
    with pytest.raises(prepared.Mistaken), prepared.presuming(prepared.Proof(ONE, ())), transaction.atomic():
        prepared.together(rename, commits=True)
    person.refresh_from_db()
    assert person.name == "First"
