#!/usr/bin/env bash
# Shrinks the logic and the bindings with the app's own rules, as bytecode that the JVM runs, and opens a
# vault with what is left. Called by Maven. JARS, TOOLS, APP, JDK, OUT as in assemble.sh; LIB is the folder
# of the real library, CAIRN the program that begins a vault.
set -euo pipefail

vault=$(mktemp -d)
trap 'rm -rf "$vault"' EXIT
export CAIRN_TEST_LEAST_WORK=1 CAIRN_PASSPHRASE="correct horse battery"
# Its status says that no server was reached; whether the vault is there shows below.
"$CAIRN" --vault "$vault" init --server https://127.0.0.1:1 --pin "$(printf 'ab%.0s' {1..32})" 2>/dev/null || true

shrink() {
    echo '-keep class org.cairn.logic.ShrunkRunKt { void main(java.lang.String[]); }' >"$OUT/main.pro"
    java -cp "$TOOLS/r8.jar" com.android.tools.r8.R8 --release --classfile --lib "$JDK" \
        --pg-conf "$1" --pg-conf "$OUT/main.pro" --output "$OUT/$2.jar" \
        "$JARS"/cairn-bindings-*.jar "$JARS"/cairn-app-logic-*.jar "$TOOLS"/shrunk-run.jar \
        "$JARS"/jna-*.jar "$JARS"/kotlin-stdlib-*.jar "$JARS"/annotations-*.jar 2>"$OUT/$2.log" ||
        { cat "$OUT/$2.log" >&2; exit 1; }
}

run() {
    java -Djna.library.path="$LIB" -cp "$OUT/$1.jar" org.cairn.logic.ShrunkRunKt "$vault" "$CAIRN_PASSPHRASE" 2>&1
}

shrink "$APP/r8.pro" ours
said=$(run ours || true)
expected=$'lock: WAIT, busy\ntoday: 0 records\nlock: LOCKED, busy\nlock: LOCKED'
if [ "$said" != "$expected" ]; then
    printf 'Shrunk, it said:\n%s\n' "$said" >&2
    exit 1
fi

# The control: without the rule that keeps native calls the library is asked for a name nobody gave it.
{ grep -v '^-keepclasseswithmembers' "$APP/r8.pro"; echo '-dontoptimize'; } >"$OUT/usual.pro"
shrink "$OUT/usual.pro" usual
said=$(run usual || true)
case "$said" in
*"undefined symbol"*) ;;
*)
    printf 'Without the rule for native calls it said:\n%s\n' "$said" >&2
    exit 1
    ;;
esac
