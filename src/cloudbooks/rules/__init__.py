"""YAML automation: a line and a rule set in, a decision and its trace out."""
