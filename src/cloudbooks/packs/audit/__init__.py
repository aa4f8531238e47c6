"""What an audit pack brings along for whoever checks it: a page, and the verifier of tools/verify.py."""
