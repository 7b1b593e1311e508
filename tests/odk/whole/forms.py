"""Each whole form of forms.json as an XForm, converted by pyxform, one JSON line each."""

import json
import pathlib
import sys

from pyxform.xls2xform import convert


def header(rows):
    """The columns of a sheet, as the converter wants them told."""
    return [dict.fromkeys(column for row in rows for column in row)]


here = pathlib.Path(sys.argv[1])
for form in json.loads((here / "forms.json").read_text(encoding="utf-8")):
    workbook = {
        "survey": form["survey"],
        "survey_header": header(form["survey"]),
        "choices": form.get("choices", []),
        "choices_header": header(form.get("choices", [])),
        "settings": [{"form_id": form["name"], "version": "1", "form_title": form["name"], **form.get("settings", {})}],
    }
    converted = convert(xlsform=workbook, validate=False)
    print(json.dumps({**form, "xml": converted.xform}, ensure_ascii=False))
