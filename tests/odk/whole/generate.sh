#!/bin/sh
# Drives every form of forms.json through ODK's own engine and writes expected.jsonl.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
odk=$here/..
. "$odk/install.sh"
cp "$here/drive.mjs" "$cache/"
"$cache/venv/bin/python" "$here/forms.py" "$here" > "$cache/whole.jsonl"
TZ=UTC node "$cache/drive.mjs" "$cache/whole.jsonl" > "$cache/whole-expected.jsonl"
mv "$cache/whole-expected.jsonl" "$here/expected.jsonl"
wc -l "$here/expected.jsonl"
