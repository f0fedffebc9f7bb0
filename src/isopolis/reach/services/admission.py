"""Whom a service admits: every barrier three-valued, so that nobody's silence is read as no."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import NO, UNKNOWN, YES, CallError, Places
from isopolis.model.text import listing, phrase, phrases

from .asked import Asked

__all__ = ["BARRIERS", "Admission", "Barrier", "admits", "all_of", "language_of"]

Answers = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]

BARRIERS = ("hours", "steps", "fee", "language", "booking", "capacity", "eligibility")
"""Codes of barriers, in the order in which they are said."""


@dataclass(frozen=True, slots=True, eq=False)
class Barrier:
    """One barrier at every place.

    Parameters
    ----------
    code : str
        One of `BARRIERS`.
    answer : (P,) or (P, G) array of int
        `model.YES` where it does not stand in the way, `NO` where it does, `UNKNOWN` where nobody knows.
    """

    code: str
    answer: Answers

    def refused(self, group: int = 0) -> int:
        """Return how many places it closes."""
        return int((self._of(group) == NO).sum())

    def unknown(self, group: int = 0) -> int:
        """Return of how many places nobody knows."""
        return int((self._of(group) == UNKNOWN).sum())

    def _of(self, group: int) -> Answers:
        return self.answer if self.answer.ndim == 1 else self.answer[:, group]


@dataclass(frozen=True, slots=True, eq=False)
class Admission:
    """Whom the places of one service admit.

    Parameters
    ----------
    answer : (P,) or (P, G) array of int
        `NO` where one barrier stands in the way, `YES` where none does, `UNKNOWN` where that hangs on
        something that nobody knows.
    barriers : tuple of Barrier
        Those that were looked at.
    asked : Asked
    """

    answer: Answers
    barriers: tuple[Barrier, ...]
    asked: Asked

    @property
    def pessimistic(self) -> Flags:
        """(P,) or (P, G) True for places that admit for sure."""
        return np.asarray(self.answer == YES)

    @property
    def optimistic(self) -> Flags:
        """(P,) or (P, G) True for places of which nothing says that they do not admit."""
        return np.asarray(self.answer != NO)

    def of(self, group: int = 0) -> Answers:
        """(P,) answer for one column of eligibility."""
        return self.answer if self.answer.ndim == 1 else self.answer[:, group]

    def only_because(self, code: str, group: int = 0) -> Flags:
        """(P,) True for places that this barrier alone closes: what lifting it would open for sure.

        Raises
        ------
        CallError
            If the barrier was not looked at.
        """
        names = [b.code for b in self.barriers]
        if code not in names:
            raise CallError(f'the barrier "{code}" was not looked at')
        others = [b._of(group) == YES for b in self.barriers if b.code != code]
        alone = self.barriers[names.index(code)]._of(group) == NO
        return np.asarray(np.logical_and.reduce([alone, *others]))

    def said(self, group: int = 0) -> str:
        """Say how many places admit, and why the others do not.

        ``Of 12 places, 3 admit, 3 are closed at that hour and 2 have steps; of 4 nobody knows.``
        A place with two barriers is counted at each of them.
        """
        places, answer = len(self.answer), self.of(group)
        admitting = int((answer == YES).sum())
        start = phrases("Of {n} place", "Of {n} places", places)
        if admitting == places:
            return phrase("{start}, all admit.", start=start)
        parts = [phrases("{n} admits", "{n} admit", admitting)]
        parts += [_SAID[b.code](b.refused(group)) for b in self.barriers if b.refused(group)]
        text = phrase("{start}, {parts}", start=start, parts=listing(parts))
        unknown = int((answer == UNKNOWN).sum())
        if not unknown:
            return phrase("{text}.", text=text)
        return phrases("{text}; of {n} nobody knows.", "{text}; of {n} nobody knows.", unknown, text=text)


def _hours(n: int) -> str:
    return phrases("{n} is closed at that hour", "{n} are closed at that hour", n)


def _steps(n: int) -> str:
    return phrases("{n} has steps", "{n} have steps", n)


def _fee(n: int) -> str:
    return phrases("{n} costs more than that", "{n} cost more than that", n)


def _language(n: int) -> str:
    return phrases("{n} does not speak the language", "{n} do not speak the language", n)


def _booking(n: int) -> str:
    return phrases("{n} is booked online only", "{n} are booked online only", n)


def _capacity(n: int) -> str:
    return phrases("{n} has no room", "{n} have no room", n)


def _eligibility(n: int) -> str:
    return phrases("{n} does not admit this group", "{n} do not admit this group", n)


_SAID = {
    "hours": _hours, "steps": _steps, "fee": _fee, "language": _language, "booking": _booking,
    "capacity": _capacity, "eligibility": _eligibility,
}  # fmt: skip


def all_of(*answers: npt.ArrayLike) -> Answers:
    """Return Kleene's "and" of three-valued arrays: NO wins, then UNKNOWN, then YES.

    (P,) and (P, G) arrays may be mixed; what is (P,) holds for every column.

    References
    ----------
    Kleene, S. C. (1952). Introduction to Metamathematics, North-Holland, section 64.
    """
    each = [np.asarray(a, dtype=np.int8) for a in answers]
    wide = max(a.ndim for a in each)
    each = [a[:, None] if a.ndim < wide else a for a in each]
    out = np.full(np.broadcast_shapes(*(a.shape for a in each)), YES, dtype=np.int8)
    for a in each:
        out = np.where((a == NO) | (out == NO), NO, np.where((a == UNKNOWN) | (out == UNKNOWN), UNKNOWN, YES))
    return out.astype(np.int8)


def language_of(places: Places, wanted: tuple[str, ...]) -> Answers:
    """(P,) does the place speak one of the languages; `UNKNOWN` where its languages are not known."""
    out = np.full(len(places), UNKNOWN, dtype=np.int8)
    assert places.languages is not None
    asked = [_plain(w) for w in wanted]
    for i, spoken in enumerate(places.languages):
        if spoken:
            out[i] = YES if any(_same(_plain(s), w) for s in spoken for w in asked) else NO
    return out


def _same(one: str, other: str) -> bool:
    """Whoever speaks pt is served where pt-BR is spoken, and the other way round; not pt-PT by pt-BR."""
    return one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


def _plain(code: str) -> str:
    """Code in small letters, of two letters where the language has one (ISO 639-2 and 639-3 to 639-1)."""
    first, _, rest = code.strip().lower().replace("_", "-").partition("-")
    short = _SHORT.get(first, first)
    return f"{short}-{rest}" if rest else short


_SHORT = dict(
    pair.split("=")
    for pair in (
        "eng=en fra=fr fre=fr deu=de ger=de spa=es ita=it por=pt nld=nl dut=nl cat=ca glg=gl eus=eu baq=eu "
        "fin=fi swe=sv dan=da nor=no nob=nb nno=nn isl=is ice=is est=et lav=lv lit=lt pol=pl ces=cs cze=cs "
        "slk=sk slo=sk slv=sl hun=hu ron=ro rum=ro bul=bg ell=el gre=el hrv=hr srp=sr bos=bs mkd=mk mac=mk "
        "sqi=sq alb=sq gle=ga gla=gd cym=cy wel=cy mlt=mt ltz=lb tur=tr rus=ru ukr=uk bel=be ara=ar fas=fa "
        "per=fa pus=ps kur=ku som=so tir=ti amh=am urd=ur hin=hi ben=bn pan=pa zho=zh chi=zh jpn=ja kor=ko "
        "vie=vi tha=th tgl=tl heb=he hye=hy arm=hy kat=ka geo=ka aze=az kaz=kk roh=rm wol=wo swa=sw"
    ).split()
)
"""Codes of three letters of the languages of Europe and of those who come there: Library of Congress,
https://www.loc.gov/standards/iso639-2/php/code_list.php."""


def admits(
    places: Places,
    asked: Asked,
    *,
    open_at: npt.ArrayLike | None = None,
    eligible: npt.ArrayLike | None = None,
) -> Admission:
    """Find out which places admit whoever asks.

    Parameters
    ----------
    places : Places
    asked : Asked
    open_at : (P,) array of int, optional
        `YES`, `NO` or `UNKNOWN`: is the place open when it is asked. Needed when a time is asked and no
        hours are known otherwise: without it, nobody knows.
    eligible : (P,) or (P, G) array of int, optional
        Does the place admit the group, one column for each of ``asked.groups``.

    Returns
    -------
    Admission

    Raises
    ------
    CallError
        If shapes disagree or an answer is none of the three.
    """
    found = tuple(_barriers(places, asked, open_at, eligible))
    if not found:
        return Admission(np.full(len(places), YES, dtype=np.int8), (), asked)
    return Admission(all_of(*(b.answer for b in found)), found, asked)


def _barriers(
    places: Places, asked: Asked, open_at: npt.ArrayLike | None, eligible: npt.ArrayLike | None
) -> Iterator[Barrier]:
    many = len(places)
    assert places.step_free is not None
    assert places.fee is not None
    assert places.booking is not None
    assert places.capacity is not None
    if asked.weekday is not None:
        given = np.full(many, UNKNOWN) if open_at is None else open_at
        yield Barrier("hours", _answers(given, many, "opening hours", 0))
    if asked.step_free:
        yield Barrier("steps", _answers(places.step_free, many, "entrances without steps", 0))
    if asked.fee_limit is not None:
        yield Barrier("fee", _at_most(places.fee, asked.fee_limit))
    if asked.languages:
        yield Barrier("language", language_of(places, asked.languages))
    if asked.offline:
        booking = places.booking.astype(str)
        yield Barrier(
            "booking",
            np.where(booking == "", UNKNOWN, np.where(booking == "online_only", NO, YES)).astype(np.int8),
        )
    if asked.capacity is not None:
        yield Barrier("capacity", _at_most(-places.capacity, -asked.capacity))
    if eligible is not None:
        yield Barrier("eligibility", _answers(eligible, many, "who is admitted", len(asked.groups)))
    elif asked.groups:
        yield Barrier("eligibility", np.full((many, len(asked.groups)), UNKNOWN, dtype=np.int8))


def _at_most(values: npt.NDArray[np.float64], limit: float) -> Answers:
    known = np.isfinite(values)
    return np.where(known, np.where(values <= limit, YES, NO), UNKNOWN).astype(np.int8)


def _answers(given: npt.ArrayLike, many: int, what: str, groups: int) -> Answers:
    out = np.asarray(given)
    right = out.shape == (many,) or (out.ndim == 2 and len(out) == many and out.shape[1] == groups > 0)
    if not right:
        raise CallError(f"give one answer for each of the {many} places about {what}")
    if not np.isin(out, (YES, NO, UNKNOWN)).all():
        raise CallError(f"answers about {what} are yes (1), no (0) or nobody knows (-1)")
    return out.astype(np.int8)
