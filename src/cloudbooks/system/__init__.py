"""Files and time: durable files, state folder, keys, clock, locale."""
