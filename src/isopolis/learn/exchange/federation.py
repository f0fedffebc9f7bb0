"""Two installations exchange their libraries: a dated bundle with checksums, and a merge without repeats.

A bundle speaks only for its own origin. A record is known by its id, and belongs to the origin it
first came from; nobody else can change it. A checksum is the SHA-256 of the canonical JSON of the
record; it shows that a bundle is whole and says what it says it says. It does not show who made it: that
is for the person who imports it to know, who says which origin is expected.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from isopolis.learn.record import Record, problems
from isopolis.model.errors import DataError, Problem
from isopolis.model.text import phrase

from .guard import MOST_RECORDS, canonical, loaded, refusal
from .json_form import nameless, public

__all__ = [
    "FORMAT", "OURS", "SHIPPED", "Held", "Merged", "bundle", "checksum", "merge", "objection", "opened",
    "refused_in_one", "same_origin",
]  # fmt: skip

FORMAT = "isopolis-bundle"
SHIPPED = "isopolis"
"""Origin of the records that ship with the program."""
OURS = "this installation"
"""Origin of what was written here, where the address of this library is not known."""
VERSION = 1
FIELDS = {"format", "version", "origin", "made", "records", "withdrawn", "checksum"}


@dataclass(frozen=True)
class Held:
    """A record as a library has it: origin, checksum, and when the bundle that brought it was made.

    `withdrawn_here` says that this installation withdrew it, whatever its origin says afterwards.
    """

    record: Record
    origin: str
    checksum: str
    made: str = ""
    withdrawn: bool = False
    withdrawn_here: bool = False


@dataclass(frozen=True)
class Merged:
    """What a merge did: the library after it, ids by what became of them, and reasons for each refusal."""

    library: Mapping[str, Held]
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    refused: tuple[Problem, ...] = ()
    origin: str = ""
    made: str = ""

    @property
    def changed(self) -> bool:
        """True when the library is another one than before."""
        return bool(self.added or self.updated or self.withdrawn)


def checksum(record: Record) -> str:
    """Return the SHA-256 of the canonical JSON of a record, in small hexadecimal."""
    return hashlib.sha256(canonical(record.plain())).hexdigest()


def bundle(records: Iterable[Record], origin: str, clock: datetime, *, withdrawn: Iterable[str] = ()) -> str:
    """Write the records of this installation as a dated bundle, without the persons whom they name.

    Parameters
    ----------
    records : iterable of Record
        Published records whose origin is `origin`.
    origin : str
        The address of this library.
    clock : datetime
        Now, with a zone.
    withdrawn : iterable of str
        Ids that were published once and are no more.
    """
    items = [{"checksum": checksum(r), "record": r.plain()} for r in map(nameless, map(public, records))]
    whole: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "origin": origin,
        "made": clock.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "records": sorted(items, key=lambda i: str(i["record"]["id"])),  # type: ignore[index]
        "withdrawn": sorted(withdrawn),
    }
    whole["checksum"] = hashlib.sha256(canonical(whole)).hexdigest()
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def opened(text: str, *, file: str | None = None) -> dict[str, Any]:
    """Read a bundle and hold it against its checksums.

    Raises
    ------
    DataError
        When it is too large, too deep, no bundle, or its checksum is not that of what is in it.
    """
    whole = loaded(text, file)
    if not isinstance(whole, dict) or set(whole) != FIELDS or whole["format"] != FORMAT:
        raise refusal(
            "no-bundle", phrase("this is not a bundle of a library"), file, rule=", ".join(sorted(FIELDS))
        )
    if whole["version"] != VERSION:
        raise refusal("other-format", phrase("this bundle is of another version"), file, rule=f"{VERSION}")
    rest = {k: v for k, v in whole.items() if k != "checksum"}
    if hashlib.sha256(canonical(rest)).hexdigest() != whole["checksum"]:
        raise refusal(
            "false-checksum", phrase("the checksum of the bundle is not that of what is in it"), file
        )
    if not _formed(whole):
        raise refusal("no-bundle", phrase("this is not a bundle of a library"), file)
    if len(whole["records"]) > MOST_RECORDS:
        raise refusal("too-many", phrase("there are too many records in this file"), file)
    return whole


def _formed(whole: Mapping[str, Any]) -> bool:
    texts = isinstance(whole["origin"], str) and 0 < len(whole["origin"]) <= 500
    lists = isinstance(whole["records"], list) and isinstance(whole["withdrawn"], list)
    return (
        texts
        and lists
        and all(isinstance(w, str) for w in whole["withdrawn"])
        and _date(whole["made"]) is not None
    )


def _date(text: Any) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None


@dataclass
class _Notes:
    """What a merge writes down while it goes."""

    library: dict[str, Held]
    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    refused: list[Problem] = field(default_factory=list)

    def refuse(self, code: str, message: str, id: str) -> None:
        self.refused.append(Problem(code, message, value=id[:120]))


def merge(
    library: Mapping[str, Held],
    text: str,
    *,
    ours: str,
    clock: datetime,
    expected: str | None = None,
    vocabulary: Any = None,
    file: str | None = None,
) -> Merged:
    """Take a bundle of another installation into a library; no person comes with it.

    Parameters
    ----------
    library : mapping of str to Held
        What is here, by id.
    text : str
        The bundle.
    ours : str
        The origin of this installation, for which nobody else may speak.
    clock : datetime
        Now: a bundle of tomorrow is refused, since it would shut out every later one.
    expected : str, optional
        The origin that the person who imports it expects.

    Returns
    -------
    Merged
        Repeating it with the result changes nothing.

    Raises
    ------
    DataError
        When the bundle as a whole is refused; the library stays as it is.
    """
    whole = opened(text, file=file)
    _let_in(whole, ours, expected, clock, file)
    notes = _Notes(dict(library))
    seen: set[str] = set()
    for number, item in enumerate(whole["records"], 1):
        record = _checked(item, number, vocabulary, notes, file)
        if record is None:
            continue
        if record.id in seen:
            notes.refuse("doubled", phrase("the bundle has this record twice"), record.id)
            continue
        seen.add(record.id)
        _take(record, whole, notes)
    for id in whole["withdrawn"]:
        _withdraw(id, whole, notes, seen)
    return Merged(
        notes.library, tuple(notes.added), tuple(notes.updated), tuple(notes.withdrawn),
        tuple(notes.unchanged), tuple(notes.refused), whole["origin"], whole["made"],
    )  # fmt: skip


def _let_in(
    whole: Mapping[str, Any], ours: str, expected: str | None, clock: datetime, file: str | None
) -> None:
    """Refuse a bundle that speaks for us, for somebody unexpected, or from the future; or that lies."""
    origin = whole["origin"]
    if any(same_origin(origin, name) for name in (ours, OURS, SHIPPED)):
        raise refusal(
            "our-origin", phrase("this bundle says that it comes from this installation"), file, value=origin
        )
    if expected is not None and not same_origin(origin, expected):
        message = phrase("this bundle comes from another origin than you expect")
        raise refusal("other-origin", message, file, value=origin, rule=expected)
    made = _date(whole["made"])
    if made is None or (made - clock).total_seconds() > 24 * 3600:
        raise refusal(
            "from-the-future", phrase("this bundle is dated in the future"), file, value=str(whole["made"])
        )
    lies = [n for n, item in enumerate(whole["records"], 1) if not _honest(item)]
    if lies:
        message = phrase("the checksums of some records are not those of what they say")
        raise refusal("false-checksum", message, file, rows=tuple(lies[:5]), count=len(lies))


def same_origin(one: str, other: str) -> bool:
    """Tell whether two origins are one; case, blanks and slashes at the end do not count."""
    return one.strip().rstrip("/").casefold() == other.strip().rstrip("/").casefold()


def _honest(item: Any) -> bool:
    if not isinstance(item, dict) or set(item) != {"checksum", "record"}:
        return False
    return hashlib.sha256(canonical(item["record"])).hexdigest() == item["checksum"]


def _checked(item: Any, number: int, vocabulary: Any, notes: _Notes, file: str | None) -> Record | None:
    wrong = problems(item["record"], vocabulary, file=f"{file or 'bundle'}[{number}]")
    if wrong:
        notes.refused += wrong
        return None
    record = Record.model_validate(item["record"])
    if checksum(record) != item["checksum"]:
        message = phrase("this record is not written as it would be written here: its checksum would change")
        notes.refuse("other-form", message, record.id)
        return None
    return nameless(record)


def _take(record: Record, whole: Mapping[str, Any], notes: _Notes) -> None:
    held, sum = notes.library.get(record.id), checksum(record)
    new = Held(record, whole["origin"], sum, whole["made"])
    if held is None:
        notes.library[record.id] = new
        notes.added.append(record.id)
    elif held.checksum == sum and not held.withdrawn:
        notes.unchanged.append(record.id)
    elif why := objection(held, whole["origin"], whole["made"]):
        notes.refuse(*why, record.id)
    else:
        notes.library[record.id] = new
        notes.updated.append(record.id)


def objection(held: Held, origin: str, made: str) -> tuple[str, str] | None:
    """Say why a bundle of this origin and date may not change what is held, as code and message, if so."""
    if not same_origin(held.origin, origin):
        return "not-theirs", phrase("this record belongs to {origin}", origin=held.origin)
    if held.withdrawn_here:
        return "withdrawn-here", phrase("this record was withdrawn in this installation")
    if made <= held.made:
        return "older", phrase("a newer bundle of the same origin was taken in already")
    return None


def _withdraw(id: str, whole: Mapping[str, Any], notes: _Notes, seen: set[str]) -> None:
    held = notes.library.get(id)
    if held is None or held.withdrawn or id in seen:
        return
    why = objection(held, whole["origin"], whole["made"])
    if why and why[0] == "not-theirs":
        notes.refuse(*why, id)
    elif not why:
        notes.library[id] = Held(held.record, held.origin, held.checksum, whole["made"], withdrawn=True)
        notes.withdrawn.append(id)


def refused_in_one(error: DataError) -> str:
    """Say in one line why a whole bundle was refused, for a log."""
    return "; ".join(p.code for p in error.problems)
