"""Forms of uploads."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .config_check import LONGEST

__all__ = ["ConfigForm", "UploadForm"]


class ManyFiles(forms.ClearableFileInput):
    """A field that takes several files."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Check each file by itself."""
        each = data if isinstance(data, (list, tuple)) else [data]
        return [super(FilesField, self).clean(d, initial) for d in each]


class UploadForm(forms.Form):
    """The files of a city."""

    files = FilesField(
        label=_("Files of your city"),
        help_text=_(
            "Tables of people by zone (CSV, Excel or Parquet) and the outlines of the zones "
            "(GeoPackage, GeoJSON or Shapefile). You may add a background map (.pmtiles) and a list of "
            "streets, numbers and coordinates, so that zones are found by address. Choose them all at "
            "once, or one zip of the folder. "
            "Only counts of people: no names, no row for a single person."
        ),
    )


class ConfigForm(forms.Form):
    """The text of city.toml."""

    text = forms.CharField(
        label=_("city.toml"),
        max_length=LONGEST,
        help_text=_("Says what each file and column means. Lines that begin with # explain the guesses."),
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "code"}),
        strip=False,
    )
