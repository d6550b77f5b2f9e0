"""Two processes over one database, both writing: no answer begun after a commit is without it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg
import tests
from tests.waiting import PATIENCE

ROOT = Path(next(iter(tests.__path__))).parent
PROCESSES = 2
SECONDS = 3


def test_no_answer_is_older_than_what_was_committed_before_it_was_asked_for(tables: str) -> None:
    with psycopg.connect(tables, autocommit=True) as connection:
        connection.execute("UPDATE catalogue.product SET stock = 0")
    command = [sys.executable, "-m", "tests.kernel.odata.racing", tables, str(SECONDS)]
    racing = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for _ in range(PROCESSES)
    ]
    found = [json.loads(process.communicate(timeout=PATIENCE)[0]) for process in racing]
    assert [each["stale"] for each in found] == [[]] * PROCESSES
    seen = sum((Counter(each["seen"]) for each in found), Counter[str]())
    assert seen.keys() <= {"fresh", "repeated", "304", "writes"}
    assert seen["writes"] > 100
    assert seen["fresh"] > 100
    assert seen["304"] + seen["repeated"] > 20
