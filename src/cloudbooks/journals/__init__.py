"""Other tools' journal texts."""
