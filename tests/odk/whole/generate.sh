#!/bin/sh
# Drives every form of forms.json through ODK's own engine and writes expected.jsonl. Run ../generate.sh first: it
# installs what both need, outside the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${CAIRN_ODK_CACHE:-${TMPDIR:-/tmp}/cairn-odk}
cp "$here/drive.mjs" "$cache/"
"$cache/venv/bin/python" "$here/forms.py" "$here" > "$cache/whole.jsonl"
TZ=UTC node "$cache/drive.mjs" "$cache/whole.jsonl" > "$cache/whole-expected.jsonl"
mv "$cache/whole-expected.jsonl" "$here/expected.jsonl"
wc -l "$here/expected.jsonl"
