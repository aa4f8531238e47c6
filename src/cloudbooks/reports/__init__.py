"""Questions: balances and postings in, report values out."""
