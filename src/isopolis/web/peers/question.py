"""What a page of peers is asked: from its address to a question with an answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import QueryDict

from isopolis.learn.peers import Filter, Peers
from isopolis.web.languages import page_language

from .forms import PlaceForm
from .models import PeerChoice, PeerTable
from .store import Asked, found, own_city

__all__ = ["Question", "question"]

USUAL = 5


@dataclass(slots=True)
class Question:
    """A table that is chosen, the form about it, and what is asked when the form makes sense."""

    kept: Any
    form: PlaceForm
    asked: Asked | None
    query: str

    @property
    def settling(self) -> list[tuple[str, str]]:
        """Names and values that say table, city, weights and chosen cities once more.

        The number of cities goes along: it tells an address that chooses none from one that says nothing.
        """
        assert self.asked is not None
        one = self.asked
        pairs = [("table", str(self.kept.pk)), ("city", one.city), ("k", str(one.k))]
        pairs += [(f"w_{name}", f"{weight:g}") for name, weight in one.weights]
        return pairs + [("choose", city) for city in one.chosen]

    @property
    def peers(self) -> Peers:
        """The answer."""
        assert self.asked is not None
        return found(self.kept, self.asked)


def question(workspace: Any, given: QueryDict) -> Question | None:
    """Read what is asked; None where no table can be used yet.

    What the address does not say comes from what the workspace has settled.
    """
    choice = PeerChoice.objects.select_related("table").filter(workspace=workspace).first()
    kept = _table(workspace, given.get("table", ""), choice)
    if kept is None:
        return None
    data = given.copy()
    settled = choice if choice is not None and choice.table_id == kept.pk else None
    if not data.get("city"):
        data["city"] = settled.city if settled else own_city(kept.table["cities"], workspace)
    if not data.get("k"):
        data["k"] = str(USUAL)
    for feature in kept.table["features"]:
        name = f"w_{feature['id']}"
        if not data.get(name):
            weight = (settled.weights if settled else {}).get(feature["id"], feature.get("weight", 1.0))
            data[name] = f"{weight:g}"
    same = settled is not None and settled.city == data["city"]
    if settled and same and settled.chosen and "choose" not in data and "k" not in given:
        data.setlist("choose", settled.chosen)
    form = PlaceForm(data, kept.table, page_language())
    asked = _asked(form) if form.is_valid() and form.cleaned_data["city"] else None
    return Question(kept, form, asked, _query(given, kept))


def _table(workspace: Any, wanted: str, choice: PeerChoice | None) -> Any:
    able = PeerTable.objects.open_to(workspace).filter(state=PeerTable.State.READY).defer("content")
    if wanted:
        try:
            return able.filter(pk=UUID(wanted)).first()
        except ValueError:
            return None
    if choice is not None and (kept := able.filter(pk=choice.table_id).first()) is not None:
        return kept
    return able.order_by("shared", "-created_at").first()


def _asked(form: PlaceForm) -> Asked:
    said = form.cleaned_data
    low, high = said.get("smallest"), said.get("largest")
    narrow = Filter(
        tuple(said.get("country") or ()),
        tuple(said.get("language") or ()),
        tuple(said.get("network") or ()),
        None if low is None and high is None else (low, high),
    )
    weights = tuple(sorted(form.weights().items()))
    return Asked(
        said["city"], said.get("theme") or "", said["k"] or USUAL, weights, tuple(said["choose"]), narrow
    )


def _query(given: QueryDict, kept: Any) -> str:
    """The address that asks the same again, without what is of one page only."""
    out = given.copy()
    for name in ("page", "csrfmiddlewaretoken"):
        out.pop(name, None)
    out["table"] = str(kept.pk)
    return out.urlencode()
