from __future__ import annotations

from pytest_django import DjangoAssertNumQueries

from annotation.people.judges import ensure_judges
from annotation.people.models import User


def test_judges_are_made_once_in_two_queries(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    wanted = {("hh", str(number)): f"Judge {number}" for number in range(30)}
    with django_assert_num_queries(2):
        first = ensure_judges(wanted)
    again = ensure_judges(wanted | {("oasst", "1"): "One"})
    assert User.objects.count() == 31
    assert again | first == again
    assert not User.objects.filter(is_active=True).exists()


def test_judges_of_two_sources_stay_two_people(db: None) -> None:
    found = ensure_judges({("hh", "1"): "One", ("oasst", "1"): "Also one"})
    assert len(set(found.values())) == 2
