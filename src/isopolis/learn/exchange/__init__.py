"""The library in other forms: JSON, CSV, Participedia's fields, DCAT-AP, bundles between installations."""

from .csv_form import from_csv, neutral, to_csv
from .dcat import to_dcat, to_dcat_text
from .federation import Held, Merged, bundle, checksum, merge, opened, refused_in_one
from .guard import canonical, loaded, tidy, untagged
from .json_form import from_json, public, to_json
from .participedia import CROSSWALK, Imported, from_participedia, rows_of, to_participedia

__all__ = [
    "CROSSWALK", "Held", "Imported", "Merged", "bundle", "canonical", "checksum", "from_csv", "from_json",
    "from_participedia", "loaded", "merge", "neutral", "opened", "public", "refused_in_one", "rows_of",
    "tidy", "to_csv", "to_dcat", "to_dcat_text", "to_json", "to_participedia", "untagged",
]  # fmt: skip
