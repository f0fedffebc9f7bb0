"""The register of personal data: every field of every table is spoken of, and promises can be kept."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

from isopolis.web.accounts.models import User
from isopolis.web.protect.register import Erase, Record, records, retention_rules, undeclared, wrong_erasures
from isopolis.web.protect.words import BASES, PEOPLE, SEEN_BY

EVERY = list(apps.get_models(include_auto_created=True))


@pytest.mark.parametrize("model", EVERY, ids=lambda m: m._meta.label)
def test_every_field_is_declared(model: type[models.Model]) -> None:
    assert undeclared(model) == [], "declare these in the app's privacy.py: docs/data-protection.md tells how"


@pytest.mark.parametrize("record", records(), ids=lambda r: r.model)
def test_what_a_record_says_is_known(record: Record) -> None:
    assert wrong_erasures(record) == []
    if record.personal:
        assert record.basis in BASES
        assert record.people in PEOPLE
        assert record.seen_by in SEEN_BY
        assert record.keep in {r.key for r in retention_rules()}


def test_no_rule_is_there_twice() -> None:
    keys = [r.key for r in retention_rules()]
    assert len(keys) == len(set(keys))


def test_every_relation_to_an_account_is_an_owner() -> None:
    """What leads to an account must also be found by an export and an erasure."""
    missing = []
    for model in EVERY:
        mine = {path for r in records() if r.model == model._meta.label for path in r.owners}
        missing += [
            f"{model._meta.label}.{f.name}"
            for f in model._meta.concrete_fields
            if f.is_relation and f.related_model is User and f.name not in mine
        ]
    assert missing == []


# -- the guard itself: each of these fields must be missed when nothing is said of it --------------
def invented(**fields: models.Field[Any, Any]) -> type[models.Model]:
    meta = type("Meta", (), {"app_label": "invented"})
    return type("Thing", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})


@pytest.fixture(autouse=True)
def _no_invented_tables() -> Any:
    yield
    apps.all_models.pop("invented", None)
    apps.clear_cache()


NOTICED = [
    models.CharField(max_length=5),
    models.TextField(),
    models.EmailField(),
    models.GenericIPAddressField(),
    models.JSONField(),
    models.DateField(),
    models.DateTimeField(),
    models.IntegerField(),
    models.FloatField(),
    models.BinaryField(),
    models.FileField(),
    models.UUIDField(),
    models.URLField(),
    models.DurationField(),
]


@pytest.mark.parametrize("one", NOTICED, ids=lambda f: type(f).__name__)
def test_the_walk_notices(one: models.Field[Any, Any]) -> None:
    assert undeclared(invented(one=one), ()) == ["invented.Thing.one"]


def test_the_walk_notices_relations_to_accounts_even_under_a_star() -> None:
    model = invented(
        by=models.ForeignKey(User, models.CASCADE), mail=models.EmailField(), text=models.TextField()
    )
    assert undeclared(model, ()) == ["invented.Thing.by", "invented.Thing.mail", "invented.Thing.text"]
    star = Record("invented.Thing", "", other={"*": "about nobody"})
    assert undeclared(model, (star,)) == ["invented.Thing.by", "invented.Thing.mail"]


def test_a_half_declaration_is_none() -> None:
    model = invented(text=models.TextField())
    half = Record("invented.Thing", "x", personal={"text": "text"}, purpose="to show it")
    assert undeclared(model, (half,)) == ["invented.Thing.text"]


def test_a_promise_that_cannot_be_kept_is_noticed() -> None:
    lie = Record(
        "workspaces.Membership", "x", owners={"user": Erase.UNLINK}, personal={"role": "x", "nose": "x"}
    )
    said = " ".join(wrong_erasures(lie))
    assert "must be nullable" in said
    assert "on_delete" in said
    assert "no field nose" in said


def test_the_tables_of_the_database_are_all_of_models(db: None) -> None:
    """Nothing writes people into a table that the register cannot see."""
    known = {m._meta.db_table for m in EVERY} | {"django_migrations", "isopolis_cache"}
    # the tables of the search repeat published records, without the contacts in them
    found = {t for t in connection.introspection.table_names() if not t.startswith("library_search")}
    assert found <= known
