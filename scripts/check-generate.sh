#!/usr/bin/env bash
# Fails if make generate changes a generated file. It compares before with after rather than with git, so that work that
# is not committed yet is checked like any other.
set -euo pipefail
cd "$(dirname "$0")/.."

sums() {
  find . \( -name .git -o -path ./bin -o -path ./dist -o -path ./data \) -prune -o -type f \
    \( -name '*_templ.go' -o -path '*/internal/*db/*.go' -o -path ./generate.sum \) -exec cksum {} + | sort -k 3
}

before=$(sums)
make --no-print-directory generate
after=$(sums)
if [ "$before" != "$after" ]; then
  echo "Generated files were not what their sources make; make generate has now made them. Look at them and commit them:" >&2
  diff <(echo "$before") <(echo "$after") | sed -n 's/^[<>] [0-9]* [0-9]* /  /p' | sort -u >&2
  exit 1
fi
