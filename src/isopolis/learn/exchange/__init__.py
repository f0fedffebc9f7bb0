"""The library in other forms: JSON, CSV, Participedia's fields, DCAT-AP, bundles between installations."""

from .csv_form import from_csv, neutral, to_csv
from .dcat import to_dcat, to_dcat_text
from .federation import (
    OURS,
    SHIPPED,
    Held,
    Merged,
    bundle,
    checksum,
    merge,
    objection,
    opened,
    refused_in_one,
    same_origin,
)
from .guard import canonical, loaded, tidy, untagged
from .json_form import PERSONAL, from_json, nameless, public, to_json
from .participedia import CROSSWALK, Imported, from_participedia, rows_of, to_participedia

__all__ = [
    "CROSSWALK", "OURS", "PERSONAL", "SHIPPED", "Held", "Imported", "Merged", "bundle", "canonical",
    "checksum", "from_csv", "from_json", "from_participedia", "loaded", "merge", "nameless", "neutral",
    "objection", "opened", "public", "refused_in_one", "rows_of", "same_origin", "tidy", "to_csv", "to_dcat",
    "to_dcat_text", "to_json", "to_participedia", "untagged",
]  # fmt: skip
