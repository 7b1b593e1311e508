#!/bin/sh
# Asks ODK's own engine what every line of cases.txt is worth and writes expected.jsonl.
# Needs node 20, python 3.11 and the registries of npm and PyPI. Nothing is installed inside the repository.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${CAIRN_ODK_CACHE:-${TMPDIR:-/tmp}/cairn-odk}
mkdir -p "$cache"
if [ ! -x "$cache/venv/bin/python" ]; then python3 -m venv "$cache/venv"; fi
"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-virtualenv -r "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$here/evaluate.mjs" "$cache/"
(cd "$cache" && npm ci --silent --no-audit --no-fund --ignore-scripts)
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
