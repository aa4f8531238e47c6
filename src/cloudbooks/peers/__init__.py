"""Everything elsewhere: other copies of a chain, by one protocol."""
