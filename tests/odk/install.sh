# Read by the scripts beside it: installs what they need into $cache, outside the repository.
# Needs node 20, python 3.11 and the registries of npm and PyPI.
cache=${CAIRN_ODK_CACHE:-${TMPDIR:-/tmp}/cairn-odk}
mkdir -p "$cache"
if [ ! -x "$cache/venv/bin/python" ]; then python3 -m venv "$cache/venv"; fi
"$cache/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-virtualenv -r "$odk/requirements.txt"
cp "$odk/package.json" "$odk/package-lock.json" "$odk/engine.mjs" "$cache/"
(cd "$cache" && npm ci --silent --no-audit --no-fund --ignore-scripts)
