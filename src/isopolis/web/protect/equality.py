"""What residents say about themselves for equality: age, sex, disability, origin, religion and so on.

Everything here is voluntary, one question at a time, for one purpose in one module of one workspace.
It is kept under a key that is derived from account, workspace and module with a secret that is not in
the database: nobody can go from a row to a person or from one module to another, and the platform can
go from a person to the own rows only while that person, or their erasure, asks for it. Reading goes
through `ReadEquality` and the privacy gate only; there is no way to read rows.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from isopolis.web.actions import Action, ValidationError
from isopolis.web.equality.models import Answer, Published, Terms
from isopolis.web.equality.routing import alias

__all__ = [
    "ATTRIBUTES", "LEAST", "NOT_SAID", "AskEquality", "ReadEquality", "Table", "close", "close_all",
    "count_for", "export_for", "forget", "give", "mine", "settle", "terms_of", "withdraw",
]  # fmt: skip

NOT_SAID = "not_said"
LEAST = 30
"""Fewest people about whom anything at all is read."""
SMALL = 10
"""Fewest people in a cell that is shown, and fewest changes between two readings."""
_SEP = "\x1f"

_said = gettext_lazy("I prefer not to say")
_yes_no = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No"), NOT_SAID: _said}
ATTRIBUTES: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "age": (
        gettext_lazy("How old are you?"),
        {
            "under_18": gettext_lazy("Under 18"), "18_29": gettext_lazy("18 to 29"),
            "30_44": gettext_lazy("30 to 44"), "45_64": gettext_lazy("45 to 64"),
            "65_79": gettext_lazy("65 to 79"), "80_over": gettext_lazy("80 or older"), NOT_SAID: _said,
        },
    ),
    "gender": (
        gettext_lazy("What is your gender?"),
        {
            "woman": gettext_lazy("Woman"), "man": gettext_lazy("Man"),
            "other": gettext_lazy("Non-binary or another"), NOT_SAID: _said,
        },
    ),
    "disability": (gettext_lazy("Do you have a disability or a long illness?"), _yes_no),
    "origin": (
        gettext_lazy("Where were you or your parents born?"),
        {
            "here": gettext_lazy("All of us in this country"),
            "parent": gettext_lazy("A parent in another country"),
            "self": gettext_lazy("I in another country"), NOT_SAID: _said,
        },
    ),
    "religion": (
        gettext_lazy("Do you belong to a religious minority here?"), _yes_no,
    ),
    "lgbtiq": (gettext_lazy("Are you lesbian, gay, bisexual, trans, inter or queer?"), _yes_no),
    "ethnic_minority": (gettext_lazy("Do you belong to an ethnic minority here?"), _yes_no),
}  # fmt: skip
"""Question and answers of each attribute; every one has "I prefer not to say"."""


# -- keys ------------------------------------------------------------------------------------------
def _secret() -> bytes:
    """Return the secret of the store: from the settings, else a file that is made once."""
    stated = str(settings.OPTIONS["equality_secret"])
    if stated:
        return stated.encode()
    path = Path(settings.DATA_DIR) / "equality_key"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            suppress(FileExistsError),
            os.fdopen(
                os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as file,
        ):
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip().encode()


def _hash(*parts: object) -> str:
    return hmac.new(_secret(), _SEP.join(map(str, parts)).encode(), "sha256").hexdigest()


def _key(account: int, workspace: Any, module: str) -> str:
    return _hash("person", workspace, module, account)


def _place(workspace: Any, module: str) -> str:
    return _hash("place", workspace, module)


# -- asking and answering --------------------------------------------------------------------------
def terms_of(workspace: Any, module: str) -> Terms | None:
    """Return the newest text that people of a module agree to, if it asks anything."""
    return Terms.objects.filter(workspace=workspace.pk, module=module).order_by("-version").first()


@dataclass
class AskEquality(Action):
    """Let a module ask for equality attributes, for one stated purpose; each new text is a new version."""

    workspace: Any
    module: str
    purpose: str
    text: str
    attributes: Sequence[str]

    verb = "equality.ask"
    permission = "equality.ask"
    sentence = "{actor} let a module ask voluntary equality questions, version {version}"

    def check(self) -> None:
        """Take known attributes and a stated purpose only."""
        unknown = sorted(set(self.attributes) - set(ATTRIBUTES))
        if unknown or not self.attributes:
            known = ", ".join(ATTRIBUTES)
            raise ValidationError(_("Choose among these attributes: %(known)s.") % {"known": known})
        if not self.purpose.strip() or not self.text.strip():
            raise ValidationError(_("Say what the answers are for, in words that residents understand."))
        before = terms_of(self.workspace, self.module)
        if before is not None and before.purpose != self.purpose:
            raise ValidationError(
                _("The answers so far were given for another purpose. Remove them, or use another module.")
            )

    def change(self) -> Terms:
        """Keep the new version."""
        before = terms_of(self.workspace, self.module)
        return Terms.objects.create(
            workspace=self.workspace.pk, module=self.module, purpose=self.purpose, text=self.text,
            attributes=list(self.attributes), version=before.version + 1 if before else 1,
        )  # fmt: skip

    def detail(self, made: Any) -> dict[str, str | int]:
        """Say which version."""
        return {"version": made.version}


def give(
    account: Any, workspace: Any, module: str, answers: Mapping[str, str], *, version: int,
    now: datetime | None = None,
) -> int:  # fmt: skip
    """Keep what somebody says of themselves, in place of what they said before; empty answers are none.

    No audit row is written: one would link the account to having answered.

    Raises
    ------
    ValidationError
        If the module does not ask this, or the text that was agreed to is not the newest.
    """
    terms = terms_of(workspace, module)
    if terms is None or terms.version != version:
        raise ValidationError(_("The text has changed since you opened it. Read it again before you agree."))
    said = {name: value for name, value in answers.items() if value}
    for name, value in said.items():
        if name not in terms.attributes or value not in ATTRIBUTES[name][1]:
            raise ValidationError(_("This question or answer does not belong to the module."))
    key, place = _key(account.pk, workspace.pk, module), _place(workspace.pk, module)
    month = (now or timezone.now()).strftime("%Y-%m")
    with transaction.atomic(using=alias()):
        Answer.objects.filter(key=key).delete()
        Answer.objects.bulk_create(
            Answer(
                id=_hash("row", key, n),
                key=key,
                place=place,
                attribute=n,
                value=v,
                version=version,
                month=month,
            )
            for n, v in said.items()
        )
    return len(said)


def mine(account: Any, workspace: Any, module: str) -> dict[str, str]:
    """Return somebody's own answers, for their own page."""
    rows = Answer.objects.filter(key=_key(account.pk, workspace.pk, module)).order_by("attribute")
    return dict(rows.values_list("attribute", "value"))


def withdraw(account: Any, workspace: Any, module: str) -> int:
    """Take the consent back: all own answers in this module go."""
    return Answer.objects.filter(key=_key(account.pk, workspace.pk, module)).delete()[0]


def close(workspace: Any, module: str) -> int:
    """Remove every answer of a module that has ended."""
    Published.objects.filter(pk=_place(workspace.pk, module)).delete()
    return Answer.objects.filter(place=_place(workspace.pk, module)).delete()[0]


def close_all(workspace: Any) -> int:
    """Remove every answer and every question of a workspace that is deleted."""
    asked = Terms.objects.filter(workspace=workspace.pk)
    modules = set(asked.order_by().values_list("module", flat=True))
    removed = sum(close(workspace, module) for module in modules)
    asked.delete()
    return removed


def _keys_of(number: int) -> dict[str, tuple[Any, str]]:
    places = Terms.objects.order_by().values_list("workspace", "module").distinct()
    return {_key(number, w, m): (w, m) for w, m in places}


def count_for(number: int) -> int:
    """Count the answers of an account in all modules."""
    keys = _keys_of(number)
    return Answer.objects.filter(key__in=keys).count() if keys else 0


def forget(number: int) -> int:
    """Remove the answers of an account in all modules, found by making its keys again."""
    keys = _keys_of(number)
    return Answer.objects.filter(key__in=keys).delete()[0] if keys else 0


def export_for(number: int) -> list[dict[str, Any]]:
    """Return the answers of an account in all modules, for its own export."""
    keys = _keys_of(number)
    rows = Answer.objects.filter(key__in=keys).order_by("key", "attribute") if keys else []
    return [
        {"workspace": str(keys[a.key][0]), "module": keys[a.key][1], "attribute": a.attribute,
         "answer": a.value, "consent version": a.version, "month": a.month}
        for a in rows
    ]  # fmt: skip


def settle() -> int:
    """Write all rows anew in the order of their keys, so that their place on the disk says nothing."""
    with transaction.atomic(using=alias()):
        rows = list(Answer.objects.order_by("pk"))
        Answer.objects.all().delete()
        Answer.objects.bulk_create(rows, batch_size=500)
    return len(rows)


# -- reading in sum --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Table:
    """People by one or two attributes; None where the number is not shown."""

    attributes: tuple[str, ...]
    cells: Mapping[tuple[str, ...], int | None]
    notes: tuple[str, ...]


@dataclass
class ReadEquality(Action):
    """Read how many people of a module said what, for the purpose that they agreed to."""

    workspace: Any
    module: str
    purpose: str
    attributes: Sequence[str]

    verb = "equality.read"
    permission = "equality.read"
    sentence = "{actor} read sums of equality answers ({attributes})"

    def check(self) -> None:
        """Refuse other purposes, more than two attributes, and too few people."""
        terms = terms_of(self.workspace, self.module)
        if terms is None or terms.purpose != self.purpose:
            raise ValidationError(
                _("The answers were given for another purpose and cannot be read for this one.")
            )
        if not 1 <= len(set(self.attributes)) == len(self.attributes) <= 2:
            raise ValidationError(_("Read one attribute, or two crossed."))
        if set(self.attributes) - set(ATTRIBUTES):
            raise ValidationError(_("This question or answer does not belong to the module."))
        if len(self._people()) < LEAST:
            raise ValidationError(
                _("Fewer than %(least)d people have answered. Nothing is shown until there are more.")
                % {"least": LEAST}
            )

    def _people(self) -> list[tuple[str, ...]]:
        """Return the answers per person, without saying whose they are, and in no order of theirs."""
        rows = Answer.objects.filter(
            place=_place(self.workspace.pk, self.module), attribute__in=self.attributes
        ).values_list("key", "attribute", "value")
        said: dict[str, dict[str, str]] = defaultdict(dict)
        for key, name, value in rows:
            said[key][name] = value
        return sorted(tuple(s.get(n, NOT_SAID) for n in self.attributes) for s in said.values())

    def change(self) -> Table:
        """Count, pass the gate, keep what was shown for the next comparison."""
        people = self._people()
        place = _place(self.workspace.pk, self.module)
        kept = Published.objects.using(alias()).filter(pk=place).first()
        table, ledger = _through_the_gate(
            tuple(self.attributes), people, kept.ledger if kept else "", self.purpose
        )
        if ledger:
            Published.objects.update_or_create(pk=place, defaults={"ledger": ledger})
        return table

    def target(self, made: Any) -> str:
        """Name the module's place by its purpose only in the workspace's log."""
        return "equality"

    def detail(self, made: Any) -> dict[str, str | int]:
        """Say which attributes."""
        return {"attributes": ", ".join(self.attributes)}


def _through_the_gate(
    names: tuple[str, ...], people: Iterable[tuple[str, ...]], before: str, purpose: str
) -> tuple[Table, str]:
    from isopolis.model import Counts, Dimension, Mechanism
    from isopolis.privacy import Ledger, Policy, release

    count = Counter(people)
    dimensions = tuple(Dimension(n, tuple(ATTRIBUTES[n][1]), sensitive=True) for n in names)
    crossing = list(product(*(d.categories for d in dimensions)))
    # one unit, everybody who answered; the table takes nested lists as well as arrays
    values: Any = [_nested([float(count[c]) for c in crossing], [len(d.categories) for d in dimensions])]
    exact: Any = int(Mechanism.EXACT)
    everybody: Any = ["all"]
    counts = Counts(everybody, dimensions, values, exact, universe="people who answered")
    answer = release(
        counts,
        Policy(protection="suppress", threshold=SMALL, sensitive_threshold=LEAST),
        Ledger.from_json(before) if before else Ledger(),
        secret=_secret(),
        purpose=purpose,
        now=timezone.now().strftime("%Y-%m"),
    )
    cells: dict[tuple[str, ...], int | None] = dict.fromkeys(crossing)
    for safe in answer.tables:
        order = [[d.name for d in safe.dimensions].index(n) for n in names]
        flat = zip(safe.values.reshape(-1).tolist(), safe.mechanism.reshape(-1).tolist(), strict=True)
        for where, (value, how) in zip(product(*(d.categories for d in safe.dimensions)), flat, strict=True):
            # the gate decides; what is left below the threshold, zero included, stays unsaid all the same
            shown = how < Mechanism.INTERVAL and value >= SMALL
            cells[tuple(where[o] for o in order)] = round(value) if shown else None
    return Table(names, cells, tuple(answer.audit.notes)), answer.ledger.to_json()


def _nested(flat: list[float], shape: list[int]) -> list[Any]:
    """Fold a flat list into lists of lists."""
    for size in reversed(shape[1:]):
        flat = [flat[i : i + size] for i in range(0, len(flat), size)]  # type: ignore[misc]
    return flat
