#!/usr/bin/env bash
# Shrinks, packs, signs and checks the app. Called by Maven, which places jars and tools.
#
# FRAMEWORK  the framework's jar, which leaves java.* to the JDK
# JDK        its folder                           JARS   what ships, as jars
# APP        the module app, built                TOOLS  r8.jar and jna.aar
# CORE       folders ABI/ with libcairn_ffi.so, or empty
# OUT        where everything is written
set -euo pipefail

if [ -n "$CORE" ]; then apk="$OUT/cairn.apk"; else apk="$OUT/cairn-without-core.apk"; fi
pack="$OUT/pack"
rm -rf "$pack" "$OUT"/*.apk
mkdir -p "$pack/lib" "$OUT/shrunk"

# Java's bytecode becomes Android's, without what is never called.
java -cp "$TOOLS/r8.jar" com.android.tools.r8.R8 --release --min-api 24 \
    --lib "$FRAMEWORK" --lib "$JDK" --pg-conf "$APP/r8.pro" --pg-conf "$APP/target/resources.pro" \
    --output "$OUT/shrunk" "$JARS"/*.jar 2>"$OUT/shrunk.log" || { cat "$OUT/shrunk.log" >&2; exit 1; }
# Beside the bytecode lie JNA's libraries for desktops, which stay out.
cp "$OUT/shrunk"/classes*.dex "$pack/"

# A phone takes the folder of its own processor. JNA is kept only where the core is.
(cd "$OUT" && rm -rf jni && jar -xf "$TOOLS/jna.aar" jni)
for abi in arm64-v8a armeabi-v7a x86_64; do
    if [ -n "$CORE" ] && [ ! -e "$CORE/$abi/libcairn_ffi.so" ]; then continue; fi
    mkdir "$pack/lib/$abi"
    cp "$OUT/jni/$abi/libjnidispatch.so" "$pack/lib/$abi/"
    [ -z "$CORE" ] || cp "$CORE/$abi/libcairn_ffi.so" "$pack/lib/$abi/"
done

# Phones with pages of 16 KiB load no library that was linked for smaller ones.
for library in "$pack"/lib/arm64-v8a/*.so "$pack"/lib/x86_64/*.so; do
    [ -e "$library" ] || continue
    if readelf -lW "$library" | grep '^ *LOAD ' | grep -qvE '0x(4000|8000|[1-9a-f]0000)$'; then
        echo "$library is not made for pages of 16 KiB" >&2
        exit 1
    fi
done

"$(dirname "$0")/pack.py" "$APP/target/resources.apk" "$pack" "$apk"

# A key for this build only: it shows that signing works and vouches for nobody.
keys=$(mktemp -d)
trap 'rm -rf "$keys"' EXIT
export KEYPASS
KEYPASS=$(head -c 24 /dev/urandom | base64)
keytool -genkeypair -keystore "$keys/key.p12" -storetype PKCS12 -storepass:env KEYPASS -alias throwaway \
    -keyalg EC -groupname secp256r1 -dname "CN=thrown away after this build" -validity 30 2>/dev/null
apksigner sign --ks "$keys/key.p12" --ks-pass env:KEYPASS --min-sdk-version 24 \
    --v1-signing-enabled false --v2-signing-enabled true --v3-signing-enabled true "$apk"
rm -f "$apk.idsig"

zipalign -c 16384 "$apk" || { echo "something stored does not begin at a page of 16 KiB" >&2; exit 1; }
apksigner verify --verbose --min-sdk-version 24 "$apk" | grep -E '^Verified using v[23] '
aapt2 dump badging "$apk" 2>/dev/null >"$OUT/badging.txt"
cat "$OUT/badging.txt"
for said in "package: name='org.cairn.app'" "'ar'" "'ru'" "'tg'" "native-code: "; do
    grep -q "$said" "$OUT/badging.txt" || { echo "badging does not say $said" >&2; exit 1; }
done
# Badging does not see that a launcher finds the app by another name; the manifest says it, once for each name.
aapt2 dump xmltree --file AndroidManifest.xml "$apk" >"$OUT/manifest.txt" 2>/dev/null
names=$(grep -cE '="(org.cairn.app)?\.(Front|Calculator)"' "$OUT/manifest.txt" || true)
doors=$(grep -c '="android.intent.category.LAUNCHER"' "$OUT/manifest.txt" || true)
if [ "$names/$doors" != 2/2 ]; then
    echo "a launcher finds $doors entries, of $names names; there should be two" >&2
    exit 1
fi
ls -l "$apk" "$pack"/*.dex
