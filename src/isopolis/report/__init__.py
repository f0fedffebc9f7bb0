"""From a diagnosis to files that people read: HTML, PDF, JSON, CSV, GeoPackage."""

from .place import check_place
from .write import FILES, write_report

__all__ = ["FILES", "check_place", "write_report"]
