#!/bin/sh
# Asks ODK's own engine what every line of cases.txt is worth and writes expected.jsonl.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
odk=$here
. "$odk/install.sh"
cp "$here/evaluate.mjs" "$cache/"
"$cache/venv/bin/python" "$here/forms.py" "$here" > "$cache/forms.jsonl"
: > "$cache/results.jsonl"
for zone in UTC Asia/Dushanbe; do
    TZ=$zone node "$cache/evaluate.mjs" "$zone" "$cache/forms.jsonl" "$here/bench.json" >> "$cache/results.jsonl"
done
"$cache/venv/bin/python" - "$cache/results.jsonl" > "$cache/expected.jsonl" <<'PYTHON'
import json, sys
results = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
results.sort(key=lambda result: result.pop("index"))
for result in results:
    print(json.dumps(result, ensure_ascii=False))
PYTHON
mv "$cache/expected.jsonl" "$here/expected.jsonl"
wc -l "$here/expected.jsonl"
