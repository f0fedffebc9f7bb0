"""Publishing a diagnosis through the privacy gate, and the pages that everybody may read."""
