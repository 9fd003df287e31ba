"""Names from outside never steer a terminal."""

from __future__ import annotations

import sys

import pytest

from slowfeat.printable import printable, printable_output, raw_stderr


def test_control_characters_become_their_escapes() -> None:
    assert printable("/\x1b[2J\x07\n\r\u202e\x9b\udcff") == r"/\x1b[2J\x07\n\r\u202e\x9b\udcff"
    assert printable("a\tb\nc\r", lines=True) == "a\tb\nc\\r"


def test_words_of_all_languages_stay() -> None:
    text = "Küche 台所 مطبخ кухня 🤖 می\u200cخواهم"
    assert printable(text) == text


def test_what_is_printed_within_holds_none(capsys: pytest.CaptureFixture[str]) -> None:
    before = sys.stdout
    with printable_output():
        print("topic /\x1b[2J", "two\nlines")
        print("\x1b]0;pwn\x07", file=sys.stderr)
        print("a bar\r", file=raw_stderr())
    assert sys.stdout is before
    said = capsys.readouterr()
    assert said.out == "topic /\\x1b[2J two\nlines\n"
    assert said.err == "\\x1b]0;pwn\\x07\na bar\r\n"
