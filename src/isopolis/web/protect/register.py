"""The register: what every table keeps about people, why, how long, and what erasure does with it.

Each app says it beside its models in ``privacy.py``, as a list ``RECORDS`` (and, if it has its own
time limits, ``RULES``; what else it does once a day stands in ``DAILY``). `foreign` says it for the
tables of libraries. `undeclared` finds what is missing.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

__all__ = [
    "Erase", "Record", "daily_rounds", "needs_word", "records", "retention_rules", "undeclared",
    "wrong_erasures",
]  # fmt: skip

OWN = "isopolis.web."
HARMLESS = (models.BooleanField, models.AutoField)


class Erase(Enum):
    """What erasing an account does with a row that belongs to it.

    DELETE the row goes, UNLINK it stays without the link to the account, BLANK it stays without the
    link and with the fields in `Record.blank` emptied, KEEP it stays as it is (it holds the number only).
    """

    DELETE = "delete"
    UNLINK = "unlink"
    BLANK = "blank"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Record:
    """What one table keeps about people.

    Parameters
    ----------
    model : str
        ``app_label.ModelName``.
    about : str
        What it is, in words for the person whom it is about.
    purpose, basis, keep, people, seen_by : str
        Why; a key of `words.BASES`; a key of a retention rule; keys of `words.PEOPLE` and `words.SEEN_BY`.
        They may be empty when nothing in the table is personal.
    personal : mapping of str to str
        Field and what it is in words.
    other : mapping of str to str
        Names of fields (several with spaces, ``*`` for all that relate to nobody) and why they are not
        personal.
    owners : mapping of str to Erase
        Field that leads to the person (a relation to the account, a column with its number or with its
        e-mail address; paths with ``__`` allowed) and what erasure does with rows found by it.
    blank : tuple of str
        Fields that ``Erase.BLANK`` empties. A path with ``__`` leads over another table, whose own record
        cuts the link.
    marked : tuple of str
        Fields of time that ``Erase.BLANK`` sets to the time of the erasure.
    names : tuple of str
        Fields with a name or address by which the person can be recognised in mails, logs and the cache.
    secret : tuple of str
        Fields that an export names without giving their content: passwords, keys.
    found : str
        How rows are found when no field leads to the person.
    sensitive : bool
        True for special categories (Art. 9).
    """

    model: str
    about: Any
    purpose: Any = ""
    basis: str = ""
    keep: str = ""
    people: str = ""
    seen_by: str = ""
    personal: Mapping[str, Any] = field(default_factory=dict)
    other: Mapping[str, str] = field(default_factory=dict)
    owners: Mapping[str, Erase] = field(default_factory=dict)
    blank: tuple[str, ...] = ()
    marked: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    secret: tuple[str, ...] = ()
    found: str = ""
    sensitive: bool = False

    def table(self) -> type[models.Model]:
        """Return the model."""
        return apps.get_model(self.model)

    def rows_of(self, path: str, number: int, addresses: tuple[str, ...]) -> models.QuerySet[Any]:
        """Return the rows that `path` finds for an account of this number with these addresses."""
        rows = self.table()._base_manager.all()
        last = _field_at(self.table(), path)
        if last.is_relation or not isinstance(last, models.CharField):
            return rows.filter(**{path: number})
        asked = models.Q()
        for address in addresses:
            asked |= models.Q(**{f"{path}__iexact": address})
        return rows.filter(asked)

    def reason(self, name: str) -> str:
        """Return why a field is not personal; empty when nothing is said."""
        for names, why in self.other.items():
            if name in names.split():
                return why
        return ""


def _field_at(model: type[models.Model], path: str) -> Any:
    first, _, rest = path.partition("__")
    found = model._meta.get_field(first)
    return _field_at(found.related_model, rest) if rest else found  # type: ignore[arg-type]


def needs_word(one: Any) -> bool:
    """Tell whether a field could say something about a person, so that the register must speak of it."""
    if one.is_relation:
        # a relation of many to many has a table of its own, which is walked like any other
        return one.related_model is get_user_model() and not one.many_to_many
    return not isinstance(one, HARMLESS) and not (one.primary_key and isinstance(one, models.UUIDField))


@cache
def records() -> tuple[Record, ...]:
    """Collect the records of all installed apps, in the order of the apps."""
    return tuple(_collect("RECORDS"))


@cache
def retention_rules() -> tuple[Any, ...]:
    """Collect the time limits of all installed apps."""
    return tuple(_collect("RULES"))


@cache
def daily_rounds() -> tuple[Any, ...]:
    """Collect what all installed apps do once a day; each is called with the moment."""
    return tuple(_collect("DAILY"))


def _collect(name: str) -> Iterator[Any]:
    installed = {c.label for c in apps.get_app_configs()}
    for config in sorted(apps.get_app_configs(), key=lambda c: c.name != OWN + "protect"):
        if config.name.startswith(OWN) and find_spec(config.name + ".privacy"):
            yield from getattr(import_module(config.name + ".privacy"), name, ())
    for one in getattr(import_module(OWN + "protect.foreign"), name, ()):
        if not isinstance(one, Record) or one.model.split(".")[0] in installed:
            yield one


def undeclared(model: type[models.Model], known: tuple[Record, ...] | None = None) -> list[str]:
    """Name the fields of a model of which the register says nothing, or not enough."""
    mine = [r for r in (known if known is not None else records()) if r.model == model._meta.label]
    wrong = []
    for one in model._meta.get_fields():
        if one.auto_created or not getattr(one, "concrete", False) or not needs_word(one):
            continue
        if not any(_speaks(r, one) for r in mine):
            wrong.append(f"{model._meta.label}.{one.name}")
    return wrong


def _speaks(record: Record, one: Any) -> bool:
    if one.name in record.personal:
        return all((record.purpose, record.basis, record.keep, record.people, record.seen_by)) and bool(
            record.owners or record.found
        )
    if record.reason(one.name):
        return True
    # a star never covers what leads to a person
    leads = one.is_relation or isinstance(one, (models.EmailField, models.GenericIPAddressField))
    return not leads and any(fnmatch.fnmatch("*", n) for n in record.other)


def wrong_erasures(record: Record) -> list[str]:
    """Say where what a record promises about erasure cannot be kept by its table."""
    wrong = []
    for path, what in record.owners.items():
        last = _field_at(record.table(), path)
        far = "__" in path
        if what is Erase.UNLINK and far:
            wrong.append(f"{record.model}.{path} leads over another table, which has to cut the link")
        if what in (Erase.UNLINK, Erase.BLANK) and not far and not last.null:
            wrong.append(f"{record.model}.{path} must be nullable to be unlinked")
        if (
            what is not Erase.DELETE
            and last.is_relation
            and last.remote_field.on_delete is not models.SET_NULL
        ):
            wrong.append(
                f"{record.model}.{path} goes with the account, because its on_delete is not SET_NULL"
            )
        if what is Erase.BLANK and not record.blank:
            wrong.append(f"{record.model}.{path} is to be blanked, but no field is named")
    names = {f.name for f in record.table()._meta.get_fields()}
    listed = [*record.personal, *record.blank, *record.secret, *record.marked, *record.names]
    listed += [n for k in record.other for n in k.split() if n != "*"]
    return wrong + [f"{record.model} has no field {n}" for n in listed if n not in names]
