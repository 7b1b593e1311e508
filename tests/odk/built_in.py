"""The built-in forms as XForms, converted by pyxform from their text tables: FORM.xml in the given folder."""

import csv
import pathlib
import sys

from pyxform.xls2xform import convert

forms, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
for form in ("victim-support", "border-observation"):
    book = {}
    for sheet in ("survey", "choices", "settings"):
        with open(forms / form / f"{sheet}.csv", encoding="utf-8", newline="") as table:
            book[sheet] = [{key: cell for key, cell in row.items() if cell} for row in csv.DictReader(table)]
    result = convert(xlsform=book, validate=False, pretty_print=False)
    (out / f"{form}.xml").write_text(result.xform, encoding="utf-8")
