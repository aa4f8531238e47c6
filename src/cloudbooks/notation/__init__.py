"""Text as data: strict YAML into plain values with their places."""
