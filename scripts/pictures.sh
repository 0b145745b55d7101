#!/usr/bin/env bash
# Takes the pictures that the documents show anew: runs the journeys that take them, and copies those which a document names. Those of other
# formats stay as they are. Needs bin/digit and Chromium.
set -euo pipefail
cd "$(dirname "$0")/.."
shots=$(mktemp -d)
trap 'rm -rf "$shots"' EXIT
DIGIT_SHOTS=$shots DIGIT_SHOTS_FORMAT=webp make e2e ARGS="-run '${1:-TestPictures|TestSupervisorsDay}'"
named=$(grep -oh 'img/[a-z0-9-]*\.webp' docs/pictures.md | sort -u)
for picture in $named; do
  taken=$shots/$(basename "$picture")
  if [ -f "$taken" ]; then cp "$taken" "docs/$picture"; else echo "not taken: $picture" >&2; fi
done
du -ch docs/img/* | tail -1
