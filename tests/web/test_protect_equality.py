"""The store of equality attributes, seen by an attacker with the whole database and by an honest officer."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models

from isopolis.web.accounts.models import User
from isopolis.web.audit.models import AuditEvent
from isopolis.web.equality.models import Answer
from isopolis.web.equality.routing import EqualityRouter, alias
from isopolis.web.protect import equality
from isopolis.web.protect.actions import SERVER, EraseAccount
from isopolis.web.protect.equality import (
    LEAST,
    NOT_SAID,
    SMALL,
    AskEquality,
    ReadEquality,
    give,
    mine,
    withdraw,
)
from isopolis.web.workspaces.actions import CreateWorkspace
from isopolis.web.workspaces.running import DeleteWorkspace

WHY = "to see whether everybody is heard"
MODULE = "budget-2030"


@pytest.fixture
def asked(owner: User, city: Any) -> Any:
    AskEquality(owner, city, MODULE, WHY, "We ask because …", ["age", "gender", "religion"]).run()
    return city


@pytest.fixture
def crowd(person: Callable[..., User]) -> Callable[[int], list[User]]:
    numbers = itertools.count()
    return lambda n: [person(f"p{next(numbers)}") for _ in range(n)]


def answer(people: list[User], city: Any, **said: str) -> None:
    for who in people:
        give(who, city, MODULE, said, version=1)


def read(owner: User, city: Any, *names: str, why: str = WHY) -> equality.Table:
    return ReadEquality(owner, city, MODULE, why, names or ("gender",)).run()


# -- the schema has no way to join -----------------------------------------------------------------
def test_no_relation_leads_in_or_out() -> None:
    store = set(apps.get_app_config("equality").get_models())
    for model in apps.get_models(include_auto_created=True):
        for one in model._meta.get_fields():
            if one.is_relation and one.related_model is not None:
                assert (model in store) == (one.related_model in store)
    assert not any(f.is_relation for m in store for f in m._meta.get_fields())


def test_no_column_holds_a_number_or_a_time_of_a_person() -> None:
    """No running number (it tells the order), no moment (it lines up with logs), no account."""
    wrong = (models.AutoField, models.DateTimeField, models.DateField, models.EmailField, models.JSONField)
    assert [f.name for f in Answer._meta.concrete_fields if isinstance(f, wrong)] == []


def test_foreign_keys_of_the_database_itself(db: None) -> None:
    with connection.cursor() as cursor:
        for table in ("equality_answer", "equality_terms", "equality_published"):
            assert connection.introspection.get_relations(cursor, table) == {}


def test_no_value_of_the_store_occurs_elsewhere(asked: Any, crowd: Any, owner: User) -> None:
    """An attacker with every table, without the secret, finds no common value to join by."""
    people = crowd(5)
    answer(people, asked, age="30_44", gender="woman")
    store = {v for a in Answer.objects.values_list("id", "key", "place") for v in a}
    others = set()
    with connection.cursor() as cursor:
        for table in set(connection.introspection.table_names()) - {"equality_answer"}:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            others |= {str(v) for row in cursor.fetchall() for v in row}
    assert not store & others
    tries = {f"{u.pk}{sep}{asked.pk}{sep}{MODULE}" for u in people for sep in ("", ":", "\x1f")}
    import hashlib

    assert not store & {hashlib.sha256(t.encode()).hexdigest() for t in tries}


def test_nobody_is_the_same_in_two_modules_or_cities(asked: Any, owner: User, person: Any) -> None:
    AskEquality(owner, asked, "other", WHY, "text", ["gender"]).run()
    who = person("ana")
    give(who, asked, MODULE, {"gender": "woman"}, version=1)
    give(who, asked, "other", {"gender": "woman"}, version=1)
    keys = set(Answer.objects.values_list("key", flat=True))
    assert len(keys) == 2


def test_another_secret_finds_nobody(asked: Any, person: Any, settings: Any) -> None:
    who = person("ana")
    give(who, asked, MODULE, {"gender": "woman"}, version=1)
    assert mine(who, asked, MODULE) == {"gender": "woman"}
    settings.OPTIONS = settings.OPTIONS | {"equality_secret": "a stolen database has another one"}
    assert mine(who, asked, MODULE) == {}


def test_the_secret_is_made_once_and_readable_by_its_owner_only(
    asked: Any, person: Any, settings: Any
) -> None:
    give(person("ana"), asked, MODULE, {"gender": "woman"}, version=1)
    path = Path(settings.DATA_DIR) / "equality_key"
    assert path.stat().st_mode & 0o077 == 0
    assert len(path.read_text(encoding="utf-8")) >= 48
    assert path.read_text(encoding="utf-8") != settings.SECRET_KEY


def test_answering_leaves_no_row_in_the_log(asked: Any, person: Any) -> None:
    who = person("ana")
    before = AuditEvent.objects.count()
    give(who, asked, MODULE, {"gender": "woman"}, version=1)
    withdraw(who, asked, MODULE)
    assert AuditEvent.objects.count() == before


def test_the_order_on_the_disk_can_be_shaken(asked: Any, crowd: Any) -> None:
    answer(crowd(12), asked, gender="man")
    before = set(Answer.objects.values_list("pk", "key", "value"))
    assert equality.settle() == 12
    assert set(Answer.objects.values_list("pk", "key", "value")) == before
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM equality_answer ORDER BY rowid")
            stored = [r[0] for r in cursor.fetchall()]
        assert stored == sorted(stored)


# -- consent ---------------------------------------------------------------------------------------
def test_every_question_is_optional_and_can_be_left_unsaid(asked: Any, person: Any) -> None:
    assert all(NOT_SAID in choices for _question, choices in equality.ATTRIBUTES.values())
    who = person("ana")
    assert give(who, asked, MODULE, {"age": "", "gender": NOT_SAID}, version=1) == 1
    assert mine(who, asked, MODULE) == {"gender": NOT_SAID}
    assert give(who, asked, MODULE, {}, version=1) == 0
    assert mine(who, asked, MODULE) == {}


@pytest.mark.parametrize(
    "said", [{"lgbtiq": "yes"}, {"gender": "purple"}, {"nose": "long"}, {"gender": "woman' OR 1=1"}]
)
def test_only_what_is_asked_is_kept(asked: Any, person: Any, said: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        give(person("ana"), asked, MODULE, said, version=1)
    assert not Answer.objects.exists()


def test_a_new_text_needs_a_new_consent(asked: Any, owner: User, person: Any) -> None:
    AskEquality(owner, asked, MODULE, WHY, "a new text", ["gender"]).run()
    who = person("ana")
    with pytest.raises(ValidationError, match="changed"):
        give(who, asked, MODULE, {"gender": "woman"}, version=1)
    give(who, asked, MODULE, {"gender": "woman"}, version=2)
    assert Answer.objects.get().version == 2


def test_the_purpose_cannot_be_changed_under_the_answers(asked: Any, owner: User) -> None:
    with pytest.raises(ValidationError, match="another purpose"):
        AskEquality(owner, asked, MODULE, "marketing", "text", ["gender"]).run()


def test_withdrawing_takes_everything_of_this_module(asked: Any, person: Any) -> None:
    ana, bob = person("ana"), person("bob")
    answer([ana, bob], asked, age="30_44", gender="woman")
    assert withdraw(ana, asked, MODULE) == 2
    assert mine(ana, asked, MODULE) == {}
    assert mine(bob, asked, MODULE) == {"age": "30_44", "gender": "woman"}


@pytest.mark.parametrize("how", ["deleted", "closed with its owner's account"])
def test_answers_go_with_their_workspace(asked: Any, owner: User, person: Any, crowd: Any, how: str) -> None:
    other = CreateWorkspace(person("other"), "Othertown").run()
    AskEquality(other.membership_set.get().user, other, MODULE, WHY, "Why", ["gender"]).run()
    people = crowd(3)
    answer(people, asked, religion="yes", gender="woman")
    answer(people, other, gender="woman")
    if how == "deleted":
        DeleteWorkspace(owner, asked, "Testville").run()
    else:
        EraseAccount(owner, owner, close=True).run()
    assert Answer.objects.count() == 3
    assert equality.terms_of(asked, MODULE) is None
    assert mine(people[0], other, MODULE) == {"gender": "woman"}


def test_erasure_finds_the_answers_by_making_the_key_again(asked: Any, person: Any) -> None:
    ana, bob = person("ana"), person("bob")
    answer([ana, bob], asked, gender="woman")
    assert equality.count_for(ana.pk) == 1
    EraseAccount(SERVER, ana).run()
    assert Answer.objects.count() == 1
    assert mine(bob, asked, MODULE) == {"gender": "woman"}


def test_an_export_has_the_own_answers_only(asked: Any, person: Any) -> None:
    ana, bob = person("ana"), person("bob")
    answer([ana], asked, gender="woman")
    answer([bob], asked, gender="man")
    assert [r["answer"] for r in equality.export_for(ana.pk)] == ["woman"]


# -- reading ---------------------------------------------------------------------------------------
def test_below_the_threshold_nothing_is_read(asked: Any, owner: User, crowd: Any) -> None:
    answer(crowd(LEAST - 1), asked, gender="woman")
    with pytest.raises(ValidationError, match="Fewer than"):
        read(owner, asked)
    answer(crowd(1), asked, gender="woman")
    read(owner, asked)


def test_small_cells_are_not_shown(asked: Any, owner: User, crowd: Any) -> None:
    answer(crowd(60), asked, gender="woman")
    answer(crowd(50), asked, gender="man")
    answer(crowd(2), asked, gender="other")
    table = read(owner, asked)
    assert table.cells[("other",)] is None
    assert all(v is None or v >= SMALL for v in table.cells.values())
    shown = sum(v for v in table.cells.values() if v is not None)
    assert shown > 0
    # the total is no secret (an officer sees how many take part): the hidden cell must not follow from it
    assert sum(v is None for v in table.cells.values()) >= 2


def test_another_purpose_reads_nothing(asked: Any, owner: User, crowd: Any) -> None:
    answer(crowd(LEAST), asked, gender="woman")
    with pytest.raises(ValidationError, match="another purpose"):
        read(owner, asked, why="marketing")


@pytest.mark.parametrize("names", [(), ("age", "gender", "religion"), ("gender", "gender"), ("nose",)])
def test_no_more_than_two_known_attributes(
    asked: Any, owner: User, crowd: Any, names: tuple[str, ...]
) -> None:
    answer(crowd(LEAST), asked, gender="woman")
    with pytest.raises(ValidationError):
        ReadEquality(owner, asked, MODULE, WHY, names).run()


@pytest.mark.parametrize("role", ["analyst", "policy_officer", "moderator", "viewer", "resident", "stranger"])
def test_who_may_not_read(asked: Any, staff: dict[str, User], role: str) -> None:
    with pytest.raises(PermissionDenied):
        read(staff[role], asked)


def test_one_more_person_cannot_be_found_by_reading_twice(asked: Any, owner: User, crowd: Any) -> None:
    """The attack by difference: read, let one person answer, read again."""
    answer(crowd(40), asked, religion="no")
    answer(crowd(40), asked, religion="yes")
    first = read(owner, asked, "religion").cells
    answer(crowd(1), asked, religion="yes")
    second = read(owner, asked, "religion").cells
    moved = {c for c in first if first[c] is not None and second[c] is not None and first[c] != second[c]}
    assert not moved


def test_reading_is_in_the_log_without_numbers_of_people(asked: Any, owner: User, crowd: Any) -> None:
    answer(crowd(LEAST), asked, gender="woman")
    read(owner, asked)
    event = AuditEvent.objects.order_by("-number").first()
    assert event is not None
    assert (event.verb, event.detail) == ("equality.read", {"attributes": "gender"})


def test_there_is_no_way_to_read_rows() -> None:
    """What the module offers gives sums, or a person's own answers, or numbers of rows."""
    given = {n for n in equality.__all__ if callable(getattr(equality, n))}
    assert given == {
        "AskEquality", "ReadEquality", "Table", "close", "close_all", "count_for", "export_for", "forget",
        "give", "mine", "settle", "terms_of", "withdraw",
    }  # fmt: skip


def test_nothing_else_uses_the_tables() -> None:
    """Only this one module imports the store."""
    root = Path(equality.__file__).parents[1]
    users = {
        p.relative_to(root).as_posix()
        for p in root.rglob("*.py")
        if "equality.models" in p.read_text(encoding="utf-8") and not p.is_relative_to(root / "equality")
    }
    assert users == {"protect/equality.py"}


# -- a database of its own -------------------------------------------------------------------------
def test_the_store_goes_to_its_own_database_when_there_is_one(settings: Any) -> None:
    router = EqualityRouter()
    assert alias() == "default"
    assert router.allow_migrate("default", "equality") is True
    settings.DATABASES = settings.DATABASES | {"equality": settings.DATABASES["default"]}
    assert router.db_for_read(Answer) == router.db_for_write(Answer) == "equality"
    assert router.db_for_read(User) is None
    assert router.allow_migrate("equality", "equality") is True
    assert router.allow_migrate("default", "equality") is False
    assert router.allow_migrate("equality", "accounts") is False
    assert router.allow_relation(Answer, User) is False
