#!/usr/bin/env bash
# Builds the app and runs its tests, with the library and the programs that lie in target/debug. The first run
# downloads about 620 MB from Maven Central; where that breaks off it is tried once more. A test that fails is not.
set -euo pipefail
cd "$(dirname "$0")/.."

./scripts/install.sh android

# The first pair is for Maven before 3.9, the second for later ones: three tries for each file, a minute of silence.
run=(mvn -B -q -f android-demo/pom.xml verify "-Dcairn.lib=$PWD/target/debug"
    -Dmaven.wagon.http.retryHandler.count=3 -Dmaven.wagon.rto=60000
    -Daether.connector.http.retryHandler.count=3 -Daether.connector.requestTimeout=60000)
said=$(mktemp)
trap 'rm -f "$said"' EXIT

for try in 1 2; do
    echo "${run[*]}"
    if "${run[@]}" 2>&1 | tee "$said"; then exit 0; fi
    if [ "$try" = 2 ] || ! grep -qE 'Could not (transfer|resolve|find artifact)|Connection reset' "$said"; then
        exit 1
    fi
    echo "A download broke off. Once more."
done
