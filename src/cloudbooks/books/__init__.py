"""The operations that every face shares."""
