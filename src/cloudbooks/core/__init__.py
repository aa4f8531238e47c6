"""Values and laws of double entry: standard library only, no I/O, no clock, no chance."""
