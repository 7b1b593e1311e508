#!/bin/sh
# Fills the built-in forms at random in ODK's own engine and writes built_in.jsonl. Needs what generate.sh needs,
# and the same folder outside the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${CAIRN_ODK_CACHE:-${TMPDIR:-/tmp}/cairn-odk}
mkdir -p "$cache"
if [ ! -x "$cache/venv/bin/python" ]; then python3 -m venv "$cache/venv"; fi
"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-virtualenv -r "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$here/built_in.mjs" "$cache/"
(cd "$cache" && npm ci --silent --no-audit --no-fund --ignore-scripts)
"$cache/venv/bin/python" "$here/built_in.py" "$here/../../forms" "$cache"
(cd "$cache" && TZ=UTC node built_in.mjs "$cache" 12) > "$cache/built_in.jsonl"
mv "$cache/built_in.jsonl" "$here/built_in.jsonl"
wc -l "$here/built_in.jsonl"
