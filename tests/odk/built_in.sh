#!/bin/sh
# Fills the built-in forms at random in ODK's own engine and writes built_in.jsonl.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
odk=$here
. "$odk/install.sh"
cp "$here/built_in.mjs" "$cache/"
"$cache/venv/bin/python" "$here/built_in.py" "$here/../../forms" "$cache"
(cd "$cache" && TZ=UTC node built_in.mjs "$cache" 12) > "$cache/built_in.jsonl"
mv "$cache/built_in.jsonl" "$here/built_in.jsonl"
wc -l "$here/built_in.jsonl"
