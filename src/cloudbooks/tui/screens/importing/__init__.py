"""Screen 4: statements, their import, and the review of their lines."""
