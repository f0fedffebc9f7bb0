"""The small city with services, streets, a timetable and travel times beside it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np

from .small_city import TOML, squares, write_small

SERVICES = """id,name,kind,zone,x,y,opening_hours,capacity,fee_eur,languages,step_free,booking,eligibility
a1,Alpha,library,0100,425100.0,4580100.0,Mo-Fr 08:00-18:00,40,0.00,es;ca,yes,none,everyone
a2,Beta,library,0107,428900.0,4580400.0,,,free,,no,phone,residents
b1,Gamma,health_centre,0200,425300.0,4580800.0,24/7,120,"3,50",es,limited,online_only,65 and over
b2,Delta,health_centre,0307,428700.0,4581400.0,Mo 10:00-12:00,..,,en,unknown,,
"""

PLACES = """
[[places]]
file = "services.csv"
id = "id"
name = "name"
kind = "kind"
zone = "zone"
x = "x"
y = "y"
crs = "EPSG:25831"
opening_hours = "opening_hours"
capacity = "capacity"
fee = "fee_eur"
languages = "languages"
step_free = "step_free"
booking = "booking"
eligibility = "eligibility"
"""

_FEED = {
    "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n"
    "1,Bus,https://example.org,Europe/Madrid\n",
    "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\ns1,One,41.366,2.105\ns2,Two,41.375,2.145\n",
    "routes.txt": "route_id,agency_id,route_short_name,route_type\nr,1,7,3\n",
    "trips.txt": "route_id,service_id,trip_id\nr,w,t\n",
    "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n"
    "t,08:00:00,08:00:00,s1,1\nt,08:10:00,08:10:00,s2,2\n",
    "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,"
    "end_date\n"
    "w,1,1,1,1,1,0,0,20250303,20250314\n",
}


def write_services(folder: Path, text: str = SERVICES, section: str = PLACES, top: str = "") -> Path:
    """Write the small city with a table of services and its section."""
    write_small(folder)
    (folder / "services.csv").write_text(text, encoding="utf-8")
    (folder / "city.toml").write_text(top + TOML + section, encoding="utf-8")
    return folder


def zone_ids(zones: int = 24) -> list[str]:
    return [f"0{1 + k // 8}{k % 8:02d}" for k in range(zones)]


def minutes(zones: int = 24) -> np.ndarray:
    """Times between zones, NaN where nobody gets; not symmetric."""
    rng = np.random.default_rng(5)
    out = rng.integers(1, 90, (zones, zones)).astype(float)
    out[rng.random((zones, zones)) < 0.3] = np.nan
    np.fill_diagonal(out, 0)
    return out


def travel_csv(times: np.ndarray) -> str:
    ids = zone_ids(len(times))
    rows = [
        f"{ids[i]},{ids[j]},{times[i, j]:g}"
        for i in range(len(ids))
        for j in range(len(ids))
        if np.isfinite(times[i, j])
    ]
    return "from_id,to_id,travel_time\n" + "\n".join(rows) + "\n"


def write_streets(path: Path) -> None:
    """The upper sides of the squares as lines with tags."""
    import geopandas
    from shapely import LineString

    lines = [LineString([b.exterior.coords[k] for k in (0, 1)]) for b in squares()]
    columns = {
        "street_id": range(24),
        "highway": ["residential"] * 24,
        "width_m": [2.5] * 24,
        "note": ["x"] * 24,
    }
    geopandas.GeoDataFrame(columns, geometry=lines, crs=25831).to_file(path, driver="GPKG")


def write_feed(path: Path, **more: str) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in (_FEED | {f"{k}.txt": v for k, v in more.items()}).items():
            archive.writestr(name, text)
