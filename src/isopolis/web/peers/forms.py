"""Forms of peer cities: the upload, and what a list is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from isopolis.web.languages import spoken

from .themes import theme_choices

__all__ = ["PlaceForm", "UploadForm"]

WEIGHT_MOST = 100
RESIDENTS_MOST = 10**9


class UploadForm(forms.Form):
    """A table of cities with its sheet of roles."""

    title = forms.CharField(label=_("Title"), max_length=120)
    file = forms.FileField(
        label=_("Table of cities"),
        help_text=_("One row per city, as CSV, Excel or Parquet. Only numbers of whole cities, no person."),
    )
    roles = forms.FileField(
        label=_("Sheet of roles"),
        required=False,
        help_text=_(
            "Says which column is context and which is an outcome, as TOML or YAML. Without it only columns "
            "that are called as in the template are used."
        ),
    )
    shared = forms.BooleanField(
        label=_("Offer this table to every city on this server"),
        required=False,
        help_text=_("For administrators of the server."),
    )

    def __init__(self, *args: Any, admin: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not admin:
            del self.fields["shared"]


class PlaceForm(forms.Form):
    """Which city, how many peers, and who may be one; everything has a default."""

    city = forms.ChoiceField(label=_("This city"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), required=False)
    k = forms.IntegerField(
        label=_("Cities in the list"), min_value=1, max_value=50, required=False, initial=5
    )
    country = forms.MultipleChoiceField(label=_("Only these countries"), required=False)
    language = forms.MultipleChoiceField(label=_("Only with one of these languages"), required=False)
    network = forms.MultipleChoiceField(label=_("Only members of these networks"), required=False)
    smallest = forms.IntegerField(
        label=_("Fewest residents"), min_value=0, max_value=RESIDENTS_MOST, required=False
    )
    largest = forms.IntegerField(
        label=_("Most residents"), min_value=0, max_value=RESIDENTS_MOST, required=False
    )
    choose = forms.MultipleChoiceField(label=_("Show these cities instead of the nearest"), required=False)

    def __init__(self, data: Mapping[str, Any] | None, plain: Mapping[str, Any], language: str) -> None:
        super().__init__(data)
        cities = sorted(((c["id"], c["name"]) for c in plain["cities"]), key=lambda c: c[1].casefold())
        self._choices("city", cities)
        self._choices("choose", cities)
        for field, key in (("language", "languages"), ("network", "networks")):
            self._choices(
                field, [(v, v) for v in sorted({v for c in plain["cities"] for v in c.get(key, ())})]
            )
        countries = sorted({c["country"] for c in plain["cities"] if c.get("country")})
        self._choices("country", [(v, v) for v in countries])
        used = {t for f in plain["features"] for t in f.get("themes", ())}
        themes = [("", _("All themes")), *theme_choices(used, language)]
        self._choices("theme", themes)
        for feature in spoken(plain["features"]):
            self.fields[f"w_{feature['id']}"] = forms.FloatField(
                label=feature["label"],
                min_value=0,
                max_value=WEIGHT_MOST,
                required=False,
                widget=forms.NumberInput(attrs={"step": "any"}),
            )
        for name in [n for n in self.fields if n in ("country", "language", "network", "theme")]:
            if not [c for c in self.fields[name].choices if c[0]]:  # type: ignore[attr-defined]
                del self.fields[name]
        if not any(c.get("population") for c in plain["cities"]):
            del self.fields["smallest"], self.fields["largest"]

    def _choices(self, name: str, choices: list[Any]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def weights(self) -> dict[str, float]:
        """Weights that were given, by feature."""
        return {n[2:]: v for n, v in self.cleaned_data.items() if n.startswith("w_") and v is not None}

    @property
    def weight_fields(self) -> list[forms.BoundField]:
        """Fields of weights."""
        return [f for f in self if f.name.startswith("w_")]

    @property
    def place_fields(self) -> list[forms.BoundField]:
        """All other fields."""
        return [f for f in self if not f.name.startswith("w_")]
