#!/usr/bin/env bash
# Fails and names the pages that templ fmt would change. It changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

templ=$(go tool -n templ) # builds it if need be
status=0
while IFS= read -r -d '' file; do
  if ! "$templ" fmt -log-level warn -stdout -stdin-filepath "$file" <"$file" 2>/dev/null | cmp -s - "$file"; then
    [ "$status" != 0 ] || echo "not formatted, run make fmt:"
    echo "$file"
    status=1
  fi
done < <(find . \( -name .git -o -path ./bin -o -path ./dist -o -path ./data \) -prune -o -name '*.templ' -print0)
exit "$status"
