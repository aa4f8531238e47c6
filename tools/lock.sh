#!/bin/sh
# Write requirements.lock anew: every package with its hashes, and no index named.
set -eu
.venv/bin/python -m pip install --quiet 'pip-tools>=7.5'
.venv/bin/python - <<'PYTHON' > .venv/requirements.in
import tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)
wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
print("\n".join(wanted))
PYTHON
.venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
  --output-file requirements.lock .venv/requirements.in
