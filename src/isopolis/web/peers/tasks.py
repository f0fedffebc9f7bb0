"""Reading a table of cities, as a background job."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isopolis.model import CallError, DataError, Problem
from isopolis.model.text import phrase
from isopolis.web.datasets.tasks import as_row

from .models import PeerTable

__all__ = ["CELLS_MOST", "CITIES_MOST", "read"]

CITIES_MOST = 2000
CELLS_MOST = 200_000


def read(job: Any, say: Callable[[str], None]) -> None:
    """Read the table by its sheet of roles, and keep what was understood or what is wrong."""
    kept = PeerTable.objects.get(pk=job.subject)
    say("reading the table of cities")
    try:
        found = _read(kept)
    except DataError as error:
        found = {"state": PeerTable.State.REFUSED, "problems": [as_row(p) for p in error.problems]}
    except CallError as error:
        problem = Problem("wrong-table", str(error), file=kept.name)
        found = {"state": PeerTable.State.REFUSED, "problems": [as_row(problem)]}
    PeerTable.objects.filter(pk=kept.pk).update(**found)


def _read(kept: PeerTable) -> dict[str, Any]:
    from isopolis.flows.peer_files import table_to_plain
    from isopolis.flows.peers import load_table

    with tempfile.TemporaryDirectory(prefix="isopolis-peers-") as made:
        folder = Path(made)
        # names of our own: those of the upload are only shown
        place = folder / f"table{Path(kept.name).suffix.lower()}"
        place.write_bytes(bytes(kept.content))
        sheet = None
        if kept.roles:
            sheet = folder / f"features{Path(kept.roles_name).suffix.lower() or '.toml'}"
            sheet.write_text(kept.roles, encoding="utf-8")
        loaded = load_table(place, sheet, file=kept.name)
    columns = len(loaded.table.context.features) + len(loaded.table.outcomes.indicators)
    cities = len(loaded.table.cities)
    if cities > CITIES_MOST or cities * columns > CELLS_MOST:
        rule = phrase("at most {cities} cities and {cells} cells", cities=CITIES_MOST, cells=CELLS_MOST)
        raise DataError(
            [Problem("too-large", phrase("the table is too large for pages"), file=kept.name, rule=rule)]
        )
    plain = table_to_plain(loaded.table)
    if "\\u0000" in json.dumps(plain):  # no database keeps it in a text
        said = phrase("a text in the table holds a zero character")
        raise DataError([Problem("zero-character", said, file=kept.name)])
    problems = [as_row(p) for p in loaded.caveats]
    return {"state": PeerTable.State.READY, "problems": problems, "table": plain}
