from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, connection
from knox.models import get_token_model

from annotation.people import actions
from annotation.people.actions import BadField, LinkNotUsable, OwnerOnly
from annotation.people.models import ApiToken, SignInLink, User
from tests.factories import make_judge
from tests.people import NOW


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("Ada@Example.com", "pemberley-1813", name="Ada")


def test_an_address_is_kept_in_lower_case(ada: User) -> None:
    assert ada.email == "ada@example.com"
    assert authenticate(email="ADA@example.com", password="pemberley-1813") == ada
    with pytest.raises(IntegrityError):
        User.objects.filter(pk=ada.pk).update(email="Ada@example.com")


def test_the_owner_is_made_once_and_has_no_password(db: None) -> None:
    owner = actions.ensure_owner()
    assert owner.is_owner
    assert not owner.has_usable_password()
    assert actions.ensure_owner(email="somebody@else.org") == owner


def test_a_judge_is_one_row_per_source_and_name_and_never_signs_in(db: None) -> None:
    judge = make_judge(source="hh", external_id="7", name="Judge 7")
    assert make_judge(source="hh", external_id="7", name="Another name") == judge
    assert make_judge(source="other", external_id="7", name="Judge 7") != judge
    assert (judge.email, judge.is_active, judge.has_usable_password()) == (None, False, False)


def test_a_person_needs_an_address_or_an_id_of_a_source(db: None) -> None:
    with pytest.raises(IntegrityError):
        User.objects.create(name="Nobody")


def test_a_link_signs_in_once(ada: User) -> None:
    token = actions.create_sign_in_link(user=ada, now=NOW)
    assert actions.redeem_sign_in_link(token=token, now=NOW) == ada
    with pytest.raises(LinkNotUsable):
        actions.redeem_sign_in_link(token=token, now=NOW)


def test_only_a_links_hash_is_stored(ada: User) -> None:
    token = actions.create_sign_in_link(user=ada, now=NOW)
    assert token not in str(SignInLink.objects.values().get())


def test_a_link_is_refused_when_unknown_or_old_or_its_person_is_shut_out(ada: User) -> None:
    token = actions.create_sign_in_link(user=ada, now=NOW)
    with pytest.raises(LinkNotUsable):
        actions.redeem_sign_in_link(token=token + "x", now=NOW)
    with pytest.raises(LinkNotUsable):
        actions.redeem_sign_in_link(token=token, now=NOW + timedelta(days=actions.SIGN_IN_LINK_DAYS))
    User.objects.update(is_active=False)
    with pytest.raises(LinkNotUsable):
        actions.redeem_sign_in_link(token=token, now=NOW)
    assert SignInLink.objects.get().used_at is None


@pytest.mark.django_db(transaction=True)
def test_of_many_who_follow_one_link_at_once_one_comes_in(transactional_db: None) -> None:
    ada = User.objects.create_user("ada@example.com", name="Ada")
    token = actions.create_sign_in_link(user=ada, now=NOW)
    gate = threading.Barrier(6)

    def redeem(_: int) -> bool:
        try:
            gate.wait()
            actions.redeem_sign_in_link(token=token, now=NOW)
        except LinkNotUsable:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(redeem, range(6))) == 1


def test_only_the_owner_makes_reset_keys_and_shuts_people_out(owner: User, ada: User) -> None:
    with pytest.raises(OwnerOnly):
        actions.reset_key_for(user=owner, actor=ada)
    with pytest.raises(OwnerOnly):
        actions.set_active(user=owner, is_active=False, actor=ada)
    assert not actions.set_active(user=ada, is_active=False, actor=owner).is_active
    assert actions.set_active(user=ada, is_active=True, actor=owner).is_active


def test_the_owner_cannot_shut_out_themselves_or_let_in_a_judge(owner: User) -> None:
    with pytest.raises(BadField, match="yourself"):
        actions.set_active(user=owner, is_active=False, actor=owner)
    judge = make_judge(source="hh", external_id="7", name="Judge 7")
    with pytest.raises(BadField, match="never signs in"):
        actions.set_active(user=judge, is_active=True, actor=owner)


def test_the_owner_alone_changes_their_address(ada: User) -> None:
    owner = actions.ensure_owner()
    assert actions.update_profile(actor=owner, email="Olivia@Example.com").email == "olivia@example.com"
    with pytest.raises(actions.BadField, match="invited"):
        actions.update_profile(actor=ada, email="other@example.com")
    assert actions.update_profile(actor=ada, email=str(ada.email)).email == ada.email
    with pytest.raises(actions.BadField, match="somebody else"):
        actions.update_profile(actor=owner, email=str(ada.email))
    owner.refresh_from_db()
    assert owner.email == "olivia@example.com"


def test_a_profile_has_a_name_and_one_of_our_languages(ada: User) -> None:
    assert actions.update_profile(actor=ada, name="  Ada L. ", language="nb").name == "Ada L."
    with pytest.raises(BadField, match="name"):
        actions.update_profile(actor=ada, name="   ")
    with pytest.raises(BadField, match="language"):
        actions.update_profile(actor=ada, language="xx")


def test_a_new_password_asks_for_the_old_one_where_there_is_one(ada: User) -> None:
    with pytest.raises(BadField, match="current_password"):
        actions.set_own_password(actor=ada, current_password="wrong", new_password="netherfield-1813")
    actions.set_own_password(actor=ada, current_password="pemberley-1813", new_password="netherfield-1813")
    assert ada.check_password("netherfield-1813")
    owner = actions.ensure_owner()
    actions.set_own_password(actor=owner, current_password="", new_password="longbourn-1813")
    assert owner.check_password("longbourn-1813")


@pytest.mark.parametrize("weak", ["", "short1", "password123"])
def test_a_weak_password_is_refused_under_the_name_of_its_field(ada: User, weak: str) -> None:
    with pytest.raises(BadField) as refused:
        actions.set_own_password(actor=ada, current_password="pemberley-1813", new_password=weak)
    assert refused.value.field == "new_password"


def test_a_token_is_stored_as_a_hash_with_its_name_scopes_and_end(ada: User) -> None:
    row, text = actions.create_token(
        actor=ada, name=" CI ", scopes=["write", "read", "read"], expires_in_days=7, now=NOW
    )
    assert get_token_model() is ApiToken
    assert (row.name, row.scopes) == ("CI", ["read", "write"])
    assert row.expiry - row.created == pytest.approx(timedelta(days=7), abs=timedelta(seconds=5))
    stored = str(ApiToken.objects.values().get())
    assert text not in stored
    assert text[20:] not in stored


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("name", {"name": " "}),
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["read", "admin"]}),
        ("expires_in_days", {"expires_in_days": 0}),
        ("expires_in_days", {"expires_in_days": actions.TOKEN_DAYS_MAXIMUM + 1}),
    ],
)
def test_an_impossible_token_is_refused(ada: User, field: str, changes: dict[str, object]) -> None:
    asked = {"name": "CI", "scopes": ["read"], "expires_in_days": 7} | changes
    with pytest.raises(BadField) as refused:
        actions.create_token(actor=ada, now=NOW, **asked)
    assert refused.value.field == field
    assert not ApiToken.objects.exists()


def test_a_tokens_use_is_noted_once_a_minute(ada: User) -> None:
    row, _ = actions.create_token(actor=ada, name="CI", scopes=["read"], expires_in_days=7, now=NOW)

    def use(seconds: int) -> object:
        row.refresh_from_db()
        actions.note_token_use(token=row, now=NOW + timedelta(seconds=seconds))
        row.refresh_from_db()
        return row.last_used_at

    assert use(0) == NOW
    assert use(59) == NOW
    assert use(60) == NOW + timedelta(seconds=60)


def test_a_revoked_token_is_gone(ada: User) -> None:
    row, _ = actions.create_token(actor=ada, name="CI", scopes=["read"], expires_in_days=7, now=NOW)
    actions.revoke_token(token=row)
    assert not ApiToken.objects.exists()
