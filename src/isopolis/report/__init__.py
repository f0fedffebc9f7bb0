"""From a diagnosis to files that people read: HTML, PDF, JSON, CSV, GeoPackage."""

from .write import FILES, write_report

__all__ = ["FILES", "write_report"]
