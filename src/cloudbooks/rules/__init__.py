"""YAML automation: text and statement lines in, proposals and traces out."""
