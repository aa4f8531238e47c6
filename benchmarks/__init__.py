"""Measurements against hledger, ledger and beancount on the same generated data; run by `make bench`."""
