"""Search in the library: own analyser, the same hits on every database, an order that explains itself."""

from .analyser import analyse
from .documents import FIELDS, Document
from .find import Facet, Hit, Hits, Option, Relaxation, search
from .index import Index
from .query import LONGEST_QUERY, Query
from .rank import Alike, Need, Reason
from .records import document_of

__all__ = [
    "FIELDS",
    "LONGEST_QUERY",
    "Alike",
    "Document",
    "Facet",
    "Hit",
    "Hits",
    "Index",
    "Need",
    "Option",
    "Query",
    "Reason",
    "Relaxation",
    "analyse",
    "document_of",
    "search",
]
