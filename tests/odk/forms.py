"""One XForm for each line of cases.txt: the bench form with that expression in it, converted by pyxform and
filled with the answers of its set. Prints JSON lines for evaluate.mjs."""

import copy
import json
import pathlib
import sys
import xml.etree.ElementTree as ET

from pyxform.xls2xform import convert

XFORMS = "http://www.w3.org/2002/xforms"
JR = "http://openrosa.org/javarosa"

COLUMNS = {
    "relevant": ("shown", "relevant"),
    "constraint": ("checked", "constraint"),
    "required": ("shown", "required"),
    "readonly": ("shown", "readonly"),
    "choices": ("picked", "choice_filter"),
}
OUT = {0: "out", 1: "pout", 2: "nout"}


def target(kind, at):
    """The question whose expression it is, and the column it stands in."""
    if kind != "value":
        return COLUMNS[kind]
    if at == "g":
        return "gout", "calculation"
    return OUT[len([step for step in at.split("/") if step.isdigit()])], "calculation"


def workbook(bench, kind, at, expression):
    question, column = target(kind, at)
    survey = []
    for type_, name in bench["survey"]:
        row = {"type": type_, "name": name, "label": name}
        if type_ == "calculate":
            row = {"type": type_, "name": name, "calculation": "''"}
        if name in bench["relevant"]:
            row["relevant"] = bench["relevant"][name]
        if name == question:
            row[column] = expression
        survey.append(row)
    # Brings the table in, so that instance('prices') and pulldata() find it.
    survey.append({"type": "select_one_from_file prices.csv", "name": "goods", "label": "goods"})
    choices = []
    for list_name, table in bench["choices"].items():
        for row in table["rows"]:
            choices.append({"list_name": list_name, **dict(zip(table["columns"], row))})
    settings = [{"form_id": "bench", "version": "7", "form_title": "bench"}]
    return {"survey": survey, "choices": choices, "settings": settings}


def fill(element, answers, in_row=False):
    """Writes answers into the primary instance; rows of a repeat are copies of its template, and inside a row
    there is no template any more."""
    for name, value in answers.items():
        found = [child for child in element if child.tag.split("}")[-1] == name]
        if isinstance(value, list):
            template = found[0]
            place = list(element).index(template) + 1
            for child in found[1:]:
                element.remove(child)
            for index, row in enumerate(value):
                new = copy.deepcopy(template)
                new.attrib.pop(f"{{{JR}}}template", None)
                fill(new, row, True)
                element.insert(place + index, new)
            if in_row:
                element.remove(template)
        elif isinstance(value, dict):
            fill(found[0], value, in_row)
        else:
            found[0].text = value


def form(bench, answers, kind, at, expression):
    result = convert(xlsform=workbook(bench, kind, at, expression), validate=False, pretty_print=False)
    for prefix, uri in [("", XFORMS), ("h", "http://www.w3.org/1999/xhtml"), ("jr", JR),
                        ("orx", "http://openrosa.org/xforms"), ("odk", "http://www.opendatakit.org/xforms"),
                        ("ev", "http://www.w3.org/2001/xml-events"), ("xsd", "http://www.w3.org/2001/XMLSchema")]:
        ET.register_namespace(prefix, uri)
    root = ET.fromstring(result.xform)
    instance = next(root.iter(f"{{{XFORMS}}}instance"))
    fill(instance[0], answers)
    return ET.tostring(root, encoding="unicode")


def main(folder):
    bench = json.loads((folder / "bench.json").read_text(encoding="utf-8"))
    sets = json.loads((folder / "answers.json").read_text(encoding="utf-8"))
    lines = (folder / "cases.txt").read_text(encoding="utf-8").splitlines()
    name = at = kind = ""
    for index, expression in enumerate(lines):
        if expression.startswith("== "):
            name, at, kind = expression.split()[1:]
            at = "" if at == "." else at
        if not expression.strip() or expression.startswith(("#", "== ")):
            continue
        case = {"index": index, "set": name, "at": at, "kind": kind, "expression": expression}
        given = sets[name]
        question, _ = target(kind, at)
        try:
            xml = form(bench, given["answers"], kind, at, expression)
        except Exception as error:  # pyxform refuses it: that is its answer
            print(json.dumps({**case, "zone": given["zone"], "refused": str(error).splitlines()[0][:200]}))
            continue
        print(json.dumps({**case, "zone": given["zone"], "question": question, "xml": xml}))


main(pathlib.Path(sys.argv[1]))
