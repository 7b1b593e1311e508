"""What calls cost in Python, in processor time; `cargo xtask measure ffi` runs it beside the core.

Told on standard input: the vault's folder, its passphrase, a draft's number, the key of a question in it; then what to
do and how often, a line each. Answers each with nanoseconds of this thread and of the process.
"""

import sys
import time

from cairn import AnswerValue, OpenVault, RecordQuery


def query(limit):
    return RecordQuery(text="", form=None, choices=[], after=None, limit=limit)


def main():
    line = lambda: sys.stdin.readline().rstrip("\n")
    vault = OpenVault.open(line(), line())
    filling = vault.resume(int(line()), "en")
    key = line()
    records = [row.record for row in vault.records(query(1_000), "en").rows]

    def page(limit):
        assert len(vault.records(query(limit), "en").rows) == limit

    deeds = {
        "cross": lambda _: filling.number(),
        "counts": lambda _: vault.counts(),
        "page_1": lambda _: page(1),
        "page_50": lambda _: page(50),
        "page_1000": lambda _: page(1_000),
        "record": lambda at: vault.record(records[at % len(records)], "en"),
        "answer": lambda at: filling.answer(key, AnswerValue.TEXT(text=("One", "Two")[at % 2])),
        "steps": lambda _: filling.steps(),
    }
    while order := line():
        deed, times = order.split()
        act = deeds[deed]
        thread, process = time.thread_time_ns(), time.process_time_ns()
        for at in range(int(times)):
            act(at)
        print(time.thread_time_ns() - thread, time.process_time_ns() - process, flush=True)
    vault.lock()


main()
