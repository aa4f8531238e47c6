"""SQLite and the receipt; nothing else knows SQL."""
