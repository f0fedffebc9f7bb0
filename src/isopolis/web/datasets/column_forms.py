"""Forms in which people say what a table's columns mean, without writing a city.toml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .column_edit import OTHER, ColumnState, wrong

__all__ = ["CityForm", "ColumnForm", "TableForm", "check_columns"]

ROLE_CHOICES = [
    ("", gettext_lazy("Not used")),
    ("zone", gettext_lazy("Number or name of the zone")),
    ("total", gettext_lazy("Everyone in the zone")),
    ("group", gettext_lazy("People of one group")),
    ("context", gettext_lazy("A number about the zone that counts no people")),
    ("date", gettext_lazy("Year or date of the row")),
    ("count", gettext_lazy("People in the row, when each row is one group")),
    ("category", gettext_lazy("Which group the row counts")),
]
OTHER_CHOICE = (OTHER, gettext_lazy("As city.toml says"))

SAID = {
    "no_zone": gettext_lazy("No column names the zone. Choose one."),
    "many_zone": gettext_lazy("Only one column can name the zone, not: %(columns)s."),
    "many_total": gettext_lazy("Only one column can count everyone, not: %(columns)s."),
    "many_date": gettext_lazy("Only one column can hold the date, not: %(columns)s."),
    "many_count": gettext_lazy("Only one column can count the people of a row, not: %(columns)s."),
    "mixed": gettext_lazy(
        "A table either has a column for each group or a row for each group, not both: %(columns)s."
    ),
    "no_category": gettext_lazy("%(columns)s counts people, but no column says which group a row counts."),
    "nothing": gettext_lazy("No column counts people or says a number about the zone. Choose one, or none."),
    "no_dimension": gettext_lazy("Say what the groups differ in (age, sex, origin …) for: %(columns)s."),
}


class TableForm(forms.Form):
    """What holds for a whole table."""

    date = forms.CharField(
        label=gettext_lazy("Year or date of the table"),
        required=False,
        max_length=10,
        help_text=gettext_lazy("2024 or 2024-12-31; leave empty when a column holds it or nobody knows."),
    )
    universe = forms.CharField(
        label=gettext_lazy("Who is counted"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Such as: residents; residents aged 16 and over; pupils."),
    )


class ColumnForm(forms.Form):
    """What one column means; `state` is what the text says now."""

    role = forms.ChoiceField(label=gettext_lazy("It is"), required=False)
    dimension = forms.CharField(label=gettext_lazy("Groups differ in"), required=False, max_length=60)
    label = forms.CharField(label=gettext_lazy("Words for readers"), required=False, max_length=80)

    def __init__(self, state: ColumnState, number: int, data: Any = None) -> None:
        first = {"role": state.role, "dimension": state.dimension, "label": state.label}
        super().__init__(data, prefix=f"c{number}", initial=first)
        self.state = state
        kept = [OTHER_CHOICE] if state.role == OTHER else []
        self.fields["role"].choices = [*ROLE_CHOICES, *kept]  # type: ignore[attr-defined]
        self.fields["dimension"].widget.attrs["list"] = "dimensions"
        for name, field in self.fields.items():
            # the heading of the row and of the column together name each field
            field.widget.attrs["aria-labelledby"] = f"row-{number} head-{name}"

    def clean_dimension(self) -> str:
        """Refuse the signs that join names of groups."""
        said = str(self.cleaned_data["dimension"]).strip()
        if any(sign in said for sign in "=&×"):
            raise ValidationError(_("Leave out the signs = & ×."))
        return said

    @property
    def answer(self) -> ColumnState:
        """What was chosen."""
        said = self.cleaned_data
        return ColumnState(
            self.state.name, self.state.samples, said["role"], said["dimension"], said["label"].strip()
        )


def check_columns(columns: Iterable[ColumnState]) -> list[str]:
    """Say every contradiction between the columns of a table."""
    return [str(SAID[code]) % {"columns": ", ".join(names)} for code, names in wrong(list(columns))]


class CityForm(forms.Form):
    """The city and its outlines."""

    name = forms.CharField(label=gettext_lazy("Name of the city"), max_length=120)
    country = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=gettext_lazy("Country"),
        required=False,
        help_text=gettext_lazy("Two letters, such as ES or BG."),
    )
    kind = forms.CharField(
        label=gettext_lazy("What a zone is"),
        required=False,
        max_length=60,
        help_text=gettext_lazy("Such as: neighbourhood, district, census tract."),
    )
    zone_id = forms.ChoiceField(
        label=gettext_lazy("Outlines, and their column with the number of the zone"), required=False
    )
    zone_name = forms.ChoiceField(
        label=gettext_lazy("Column of the outlines with the name of the zone"), required=False
    )

    def __init__(self, seen: Sequence[Mapping[str, Any]], said: Mapping[str, Any], data: Any = None) -> None:
        zones = said.get("zones", {})
        self.pairs = {
            f"{t}.{c}": (table["file"], column["name"])
            for t, table in enumerate(seen)
            if table["outlines"]
            for c, column in enumerate(table["columns"])
        }
        by_pair = {pair: key for key, pair in self.pairs.items()}
        first = {
            "name": said.get("name", ""),
            "country": said.get("country", ""),
            "kind": zones.get("kind", ""),
            "zone_id": by_pair.get((zones.get("file"), zones.get("id")), ""),
            "zone_name": by_pair.get((zones.get("file"), zones.get("name")), ""),
        }
        super().__init__(data, initial=first)
        choices = [(key, " · ".join(pair)) for key, pair in self.pairs.items()]
        self.fields["zone_id"].choices = [("", _("There are no outlines")), *choices]  # type: ignore[attr-defined]
        self.fields["zone_name"].choices = [("", _("There is none")), *choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Require both columns of one file."""
        said: dict[str, Any] = super().clean() or {}
        number, name = self.pairs.get(said.get("zone_id", "")), self.pairs.get(said.get("zone_name", ""))
        if name and (number is None or number[0] != name[0]):
            self.add_error("zone_name", _("Choose a column of the same file as above."))
        return said

    @property
    def city_values(self) -> dict[str, str]:
        """Keys of the city."""
        said = self.cleaned_data
        return {"name": said["name"].strip(), "country": said["country"].upper()}

    @property
    def zone_values(self) -> dict[str, str]:
        """Keys of ``[zones]``."""
        said = self.cleaned_data
        file, number = self.pairs.get(said["zone_id"], ("", ""))
        _file, name = self.pairs.get(said["zone_name"], ("", ""))
        # without outlines the ids are those of the tables, and the key "id" has no meaning
        return {"file": file, "name": name, "kind": said["kind"].strip()} | ({"id": number} if file else {})
