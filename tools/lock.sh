#!/usr/bin/env bash
# Writes requirements.lock anew from pyproject.toml: every platform, every hash, no index addresses.
# Usage: tools/lock.sh [options of `uv pip compile`, such as --upgrade or --upgrade-package NAME]
set -euo pipefail
cd "$(dirname "$0")/.."
tool=build/lock
[ -x "$tool/bin/uv" ] || { python3 -m venv "$tool" && "$tool/bin/python" -m pip install --quiet uv; }
{
  echo "# Every package that running, testing and building ninefifteen needs, exact and with hashes."
  echo "# Made by tools/lock.sh from pyproject.toml; do not edit."
} > "$tool/header"
[ ! -f requirements.lock ] || cp requirements.lock "$tool/requirements.lock"
"$tool/bin/uv" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
  --extra test --extra build --extra postgres --no-header --no-emit-index-url --no-emit-find-links "$@" \
  --output-file "$tool/requirements.lock" pyproject.toml > /dev/null
cat "$tool/header" "$tool/requirements.lock" > requirements.lock.new
mv requirements.lock.new requirements.lock
