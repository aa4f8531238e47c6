"""Files of banks: bytes in, statement lines out."""
