#!/usr/bin/env bash
# make.sh makes passwords.txt.gz from the package that README.md names.
set -euo pipefail
cd "$(dirname "$0")"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm pack --silent --pack-destination "$dir" @zxcvbn-ts/language-common@4.1.3 >/dev/null
tar -xzf "$dir"/*.tgz -C "$dir"
node -e 'const l = JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")); console.log([...new Set(l.map((w) => w.toLowerCase()))].join("\n"))' \
  "$dir/package/src/passwords.json" | LC_ALL=C sort -u | gzip -9n > passwords.txt.gz
cp "$dir/package/LICENSE.txt" LICENSE
