"""What messages may quote of a file: nothing, unless it is a schedule or a table of numbers."""

from __future__ import annotations

from typing import Any

import pytest

from lrviz.errors import ScheduleError
from lrviz.loading import load_text
from lrviz.schedule.text.document import lines_to_quote
from lrviz.schedule.text.quoting import OWN_KEYS, is_meant_as_schedule, is_schedule, is_table_of_numbers

SECRET = "hunter2"

FOREIGN: dict[str, str | bytes] = {
    "passwd": f"root:x:0:0:{SECRET}:/root:/bin/bash\ndaemon:x:1:1::/usr/sbin:/bin/sh\n",
    "text": SECRET,
    "number": "271828",
    "list": f"- {SECRET}\n",
    "environment": f"PASSWORD={SECRET}\n",
    "mapping": f"{SECRET}: {SECRET}\ndata: {{password: {SECRET}}}\nsource: [{SECRET}]\ntitle: 3\n",
    "a key below": f"inside: {{epochs: 3, {SECRET}: 1}}\n",
    "a value like a key": f"{SECRET}: epochs\n",
    "key": f"-----BEGIN PRIVATE KEY-----\n{SECRET}\n-----END\n",
    "duplicate": f"{SECRET}: 1\n{SECRET}: 2\n",
    "tag": f"a: !{SECRET} 1\n",
    "tag of a list": f"a: !{SECRET} [1]\n",
    "not of its tag": f"a: !!int {SECRET}\n",
    "handle": f"a: !{SECRET}!b 1\n",
    "twice a handle": f"%TAG !{SECRET}! a\n%TAG !{SECRET}! b\n--- a\n",
    "alias": f"a: *{SECRET}\n",
    "alias of itself": f"a: &{SECRET} [*{SECRET}]\n",
    "merge": f"a: {{<<: {SECRET}}}\n",
    "merge of numbers": "a: {<<: 271828}\n",
    "scanner": "a: @271828\n",
    "bytes": b"a: \xff\xfehunter2",
    "surrogate": '"\\ud83d\\udc00": "\\udead"\n',
}


@pytest.mark.parametrize("name", FOREIGN)
def test_nothing_of_a_file_that_is_no_schedule_is_quoted(name: str) -> None:
    text = FOREIGN[name]
    data = text if isinstance(text, bytes) else text.encode()
    assert lines_to_quote(data) == []
    with pytest.raises(ScheduleError) as caught:
        load_text(data, "x")
    said = str(caught.value)
    assert not {word for word in (SECRET, "271828", "0xff", "'@'", "dead", "BEGIN") if word in said}, said


@pytest.mark.parametrize("key", OWN_KEYS)
def test_a_schedule_is_known_by_one_key(key: str) -> None:
    for text in (
        f"{key}: 3",
        f"title: x\n{key}: 3",
        f"{{title: [1], {key}: {{a: 1}}",
        f'"{key}": 3',
        f"a: \n{key}: 3\n\tx",
    ):
        assert is_schedule(text), text
    assert lines_to_quote(f"{key}: 3\nx".encode("utf-16")) == [f"{key}: 3", "x"]
    for text in (f"x: {{{key}: 3}}", f"- {key}: 3", f"x: {key}", f"x: '\n{key}: 3'", ""):
        assert not is_schedule(text), text


def test_of_a_folder_a_schedule_that_broke_before_its_keys_is_meant_too() -> None:
    for text in ("title: a: b\nepochs: 3", "x: [\n'scheduler': 3", "epochs: 3\n x"):
        assert is_meant_as_schedule(text), text
    for text in ("a: 1\nb: {epochs: 3}", "x: |\n steps: 3", "x: '\nsteps: 3'", "a: b: c\nx: steps", ""):
        assert not is_meant_as_schedule(text), text


def test_the_lines_of_a_broken_schedule_are_shown_up_to_and_behind_the_break() -> None:
    text = b"epochs: 3\nexpect: [\0\nx: }"
    assert lines_to_quote(text) == ["epochs: 3", "expect: [\0", "x: }"]


def test_a_misspelled_key_is_pointed_at_and_not_quoted() -> None:
    with pytest.raises(ScheduleError) as caught:
        load_text("a: 1\nshedules: {}\n", "x.yaml")
    assert str(caught.value) == (
        "x.yaml:2:1: error: this is not a schedule: it has none of the keys "
        "epochs, steps, optimizer, scheduler, schedules, expect\n  hint: did you mean schedules?"
    )


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ([{"epoch": "0", "loss": "4.5"}], True),
        ([{"epoch": 0, "loss": 4.5, "note": "x"}], True),
        ([{"epoch": "0", "loss": "nan"}, {"epoch": "1", "loss": "none"}, {"epoch": "2"}], True),
        ([{"": "0", "loss": "1e-3"}], True),
        ([{"user": "bob", "uid": "1000"}], False),
        ([{"user": "bob", "password": "x"}], False),
        ([{"loss": "1"}, {"loss": "x"}], False),
        ([{"1": "2", "3": "4"}], False),
        ([{"loss": {"a": 1}}], False),
        ([{"on": True}], False),
        ([{"loss": ""}], False),
        ([], False),
    ],
)
def test_a_table_of_numbers_is_one_by_most_of_its_columns(head: list[dict[str, Any]], expected: bool) -> None:
    assert is_table_of_numbers(head) is expected
