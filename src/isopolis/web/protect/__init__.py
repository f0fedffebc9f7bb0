"""Data protection by design: the register of personal fields, export, erasure, retention, records."""
