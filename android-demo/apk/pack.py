#!/usr/bin/env python3
"""Writes a package for phones: pack.py RESOURCES.apk FOLDER OUT.apk

Takes over what aapt2 linked and adds the files of FOLDER, stored. All that is stored begins at a page of
16 KiB, so that phones with such pages map it from the package. Each such entry says so in an extra field of
its own (0xd935, as Android's signing tool reads it); without it signing would move it to a page of 4 KiB.
The same input gives the same octets.
"""
import struct
import sys
import zipfile
from pathlib import Path

PAGE = 16384
ALIGNMENT = 0xD935
BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)
LOCAL_HEADER = 30


def put(package: zipfile.ZipFile, name: str, content: bytes, method: int) -> None:
    entry = zipfile.ZipInfo(name, BEGINNING_OF_TIME)
    entry.compress_type = method
    if method == zipfile.ZIP_STORED:
        least = package.fp.tell() + LOCAL_HEADER + len(name.encode()) + 6
        padding = -least % PAGE
        entry.extra = struct.pack("<HHH", ALIGNMENT, 2 + padding, PAGE) + bytes(padding)
    package.writestr(entry, content)


def main(resources: str, folder: str, out: str) -> None:
    with zipfile.ZipFile(out, "w") as package:
        with zipfile.ZipFile(resources) as linked:
            for entry in linked.infolist():
                put(package, entry.filename, linked.read(entry), entry.compress_type)
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                put(package, path.relative_to(folder).as_posix(), path.read_bytes(), zipfile.ZIP_STORED)


if __name__ == "__main__":
    main(*sys.argv[1:])
