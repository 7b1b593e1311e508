"""The core through its Python calls: two people, a server, and everything a workspace is for.

    scenario.py FOLDER URL PIN

FOLDER is empty and takes the vaults; BINDINGS, the folder of the generated `cairn.py` and the library, is on the path.
Whatever is not as promised ends it with a traceback.
"""

import json
import sys
from pathlib import Path

import cairn
from cairn import (
    AnswerValue,
    CairnError,
    Decoy,
    InviteTerms,
    OpenVault,
    RecordQuery,
    Role,
    Standing,
    SyncWatcher,
    TaskQuery,
)

PASSPHRASE = "correct horse battery staple"
DURESS = "seven blue boats at noon today"

FORM = {
    "survey.csv": """type,name,label,required,relevant,appearance
text,name,Name,yes,,
integer,age,Age,,,
select_one sex,sex,Sex,,,
integer,months,Months with child,yes,${sex} = 'f',
begin_group,page,What is needed,,,field-list
select_multiple needs,needs,Needs,,,
text,story,Story,,,
end_group,,,,,
begin_repeat,children,Child,,,
text,child,Name of the child,,,
end_repeat,,,,,
image,photo,Photo,,,
""",
    "choices.csv": "list_name,name,label\nsex,f,Female\nsex,m,Male\nneeds,food,Food\nneeds,legal,Legal help\n",
    "settings.csv": "form_title,form_id,version\nVisit,visit,1\n",
}


HELP = {
    "survey.csv": """type,name,label,cairn::task
text,code,Code,
begin_repeat,tasks,To do,
text,what,What?,what
date,until,Until when?,due
select_one yes_no,done,Done?,done
end_repeat,,,
""",
    "choices.csv": "list_name,name,label\nyes_no,yes,Yes\nyes_no,no,No\n",
    "settings.csv": "form_title,form_id,version\nHelp,help,1\n",
}


def refused(code, call, *arguments):
    """The call is refused with that code; gives the refusal."""
    try:
        call(*arguments)
    except CairnError.Failed as failed:
        assert failed.code == code, (failed.code, code, failed.text)
        return failed
    raise AssertionError(f"not refused: {code}")


def text(typed):
    return AnswerValue.TEXT(text=typed)


def terms(compare):
    return InviteTerms(role=Role.FIELD, hours=24, compare=compare, circles=[])


def everything():
    return RecordQuery(text="", form=None, choices=[], after=None, limit=100)


class Watching(SyncWatcher):
    """Counts what it is told; goes on until it is told not to."""

    def __init__(self, patient=True):
        self.told, self.patient = [], patient

    def progress(self, progress):
        self.told.append(progress)

    def go_on(self):
        return self.patient


def vault(folder):
    assert not cairn.vault_exists(folder)
    short = refused("weak_passphrase", cairn.check_passphrase, folder, "short", None)
    assert int(short.places["count"]) > 5 and short.who == "person"
    cairn.create_vault(folder, PASSPHRASE, None)
    refused("wrong_passphrase", OpenVault.open, folder, "another passphrase")
    return OpenVault.open(folder, PASSPHRASE)


def found(folder, url, pin):
    office = vault(str(folder / "office"))
    assert office.membership().standing == Standing.ALONE
    refused("bad_pin", office.found, url, "12", None, "office", None)
    own = office.found(url, pin, None, "office", None)
    assert own.standing == Standing.BELONGS and own.role == Role.COORDINATOR
    visit = folder / "visit"
    visit.mkdir()
    for name, table in FORM.items():
        (visit / name).write_text(table, encoding="utf-8")
    assert office.add_form(str(visit)).is_new
    office.sync(None)
    return office


def join(folder, office):
    phone = vault(str(folder / "phone"))
    invitation = office.invite(terms(compare=True))
    waiting = phone.join(invitation.text, "phone", None)
    assert waiting.standing == Standing.WAITING
    refused("waiting", phone.sync, None)
    assert office.sync(None).to_compare == 1
    assert [newcomer.words for newcomer in office.newcomers()] == [waiting.words]
    refused("no_such_words", office.confirm, "four words of nobody")
    assert office.confirm(waiting.words) == waiting.device
    assert office.sync(None).admitted == 1
    phone.sync(None)
    assert phone.membership().role == Role.FIELD
    return phone


def fill(phone):
    (form,) = phone.forms("en")
    assert (form.form, form.title, form.is_newest) == ("visit", "Visit", True)
    filling = phone.begin("visit", None, "en")
    names = [[question.name for question in step.questions] for step in filling.steps()]
    assert names == [["name"], ["age"], ["sex"], ["needs", "story"], [], ["photo"]], names
    assert filling.answer("sex", text("f")).relevant == ["months"]
    wrong = refused("invalid", filling.answer, "age", text("many"))
    assert [(fault.key, fault.rule) for fault in wrong.faults] == [("age", "not_integer")]
    missing = refused("invalid", filling.finish, False)
    assert [fault.key for fault in missing.faults] == ["name", "months"]
    filling.answer("name", text("Sample person"))
    filling.answer("age", AnswerValue.INTEGER(number=31))
    filling.answer("months", text("5"))
    filling.answer("needs", AnswerValue.CHOICES(names=["legal"]))
    row = filling.add_row("children", []).row
    filling.answer(f"child#{row}", text("Sample child"))
    assert filling.faults() == []
    number = filling.number()
    assert [draft.draft for draft in phone.drafts("en")] == [number]
    record = phone.resume(number, "en").finish(False)
    assert phone.drafts("en") == []
    return record


def photograph(office, phone, record):
    photo = bytes(range(256)) * 300
    filling = phone.edit(record, "en")
    refused("invalid", filling.attach, "age", "photo.jpg", "image/jpeg", photo)
    filling.attach("photo", "photo.jpg", "image/jpeg", photo)
    (asked,) = [one for step in filling.steps() for one in step.questions if one.key == "photo"]
    assert (asked.file.name, asked.file.octets, asked.file.here) == ("photo.jpg", len(photo), True)
    filling.finish(False)
    assert phone.state().attachments_waiting == 1
    assert phone.sync(None).attachments_sent == 1
    office.sync(None)
    assert not office.attachment(record, "photo").here
    refused("file_away", office.read_attachment, record, "photo")
    office.fetch_attachment(record, "photo", None)
    assert office.read_attachment(record, "photo") == photo


def disagree(office, phone, record):
    for person, age in ((office, "40"), (phone, "50")):
        filling = person.edit(record, "en")
        filling.answer("age", text(age))
        assert filling.finish(False) == record
    phone.sync(None)
    office.sync(None)
    (conflict,) = office.conflicts(10, "en")
    assert (conflict.key, conflict.label) == ("age", "Age")
    by = {value.who: value for value in conflict.values}
    assert {who: value.said for who, value in by.items()} == {"office": "40", "phone": "50"}
    office.settle(record, "age", by["phone"].answer)
    assert office.conflicts(10, "en") == []
    office.sync(None)
    phone.sync(None)
    said = {line.key: line.said for line in phone.record(record, "en").lines}
    assert said["age"] == "50"
    assert [past.said for past in phone.timeline(record, "age", "en")][0] == "31"


def to_do(folder, office, phone):
    tables = folder / "help"
    tables.mkdir()
    for name, table in HELP.items():
        (tables / name).write_text(table, encoding="utf-8")
    assert office.add_form(str(tables)).is_new
    filling = office.begin("help", None, "en")
    for what, until in (("See a doctor", None), ("Call her back", "2026-11-20")):
        row = filling.add_row("tasks", []).row
        filling.answer(f"what#{row}", text(what))
        if until:
            filling.answer(f"until#{row}", text(until))
    filling.finish(False)
    office.sync(None)
    phone.sync(None)
    query = TaskQuery(today="2026-11-23", done=False, overdue=False, after=None, limit=1)
    page = phone.tasks(query, "en")
    (task,) = page.rows
    assert (task.what, task.is_overdue, page.open, page.overdue) == ("Call her back", True, 2, 1)
    query.after = page.next
    assert [task.what for task in phone.tasks(query, "en").rows] == ["See a doctor"]
    assert phone.finish_task(task.record, task.key)
    assert not phone.finish_task(task.record, task.key)
    refused("not_found", phone.finish_task, task.record, "what")
    phone.sync(None)
    office.sync(None)
    query.after = None
    assert [task.what for task in office.tasks(query, "en").rows] == ["See a doctor"]


def under_duress(folder, phone):
    records = [json.dumps({"name": "Milk"})]
    decoy = Decoy(form=str(folder / "visit"), records=records)
    phone.set_duress(PASSPHRASE, DURESS, decoy)
    phone.lock()
    refused("locked", phone.counts)
    shown = OpenVault.open(str(folder / "phone"), DURESS)
    assert [row.title for row in shown.records(everything(), "en").rows] == ["Milk"]
    shown.lock()
    refused("wrong_passphrase", OpenVault.open, str(folder / "phone"), PASSPHRASE)


def main(folder, url, pin):
    folder = Path(folder)
    assert "tg" in cairn.passphrase_languages()
    assert len(cairn.offer_passphrase("ru").split()) == 6
    office = found(folder, url, pin)
    phone = join(folder, office)
    record = fill(phone)
    refused("cancelled", phone.sync, Watching(patient=False))
    watching = Watching()
    sent = phone.sync(watching)
    assert (sent.records_sent, sent.waiting) == (1, 0) and watching.told[-1].sent > 0
    assert office.sync(None).records_received == 1
    (row,) = office.records(everything(), "en").rows
    assert row.record == record
    page = office.record(row.handle, "en")
    said = [(line.label, line.said) for line in page.lines]
    assert ("Sex", "Female") in said and ("Name of the child", "Sample child") in said, said
    photograph(office, phone, record)
    disagree(office, phone, record)
    to_do(folder, office, phone)
    state = office.state()
    assert state.last_sync and state.counts.records == 2 and state.alarms == 0
    assert office.revoke(phone.membership().device).renewed == 1
    refused("no_longer_member", phone.sync, None)
    under_duress(folder, phone)
    filling = office.begin("visit", None, "en")
    office.lock()
    refused("locked", filling.steps)
    print("everything is as promised")


if __name__ == "__main__":
    main(*sys.argv[1:])
