"""Speed beside a named peer, on the same data, in the same run."""
