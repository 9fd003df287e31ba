"""Texts that a user reads are in the field's English, in lines that fit an editor."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODULES = [
    path for folder in ("slowfeat", "trainer", "launch") for path in (ROOT / folder).rglob("*.py")
]
# What a paper of robotics or machine learning would say otherwise: reported, held out, memorised,
# overrides, without adaptation, in advance.
DIALECT = re.compile(
    r"\b(told|tells?|telling|kept out|by heart|whoever|what for whom|beforehand|of whatever|"
    r"the one before again|goes before|of them all|as it comes)\b",
    re.IGNORECASE,
)
WIDTH = 100


def dialect_in(text: str) -> list[str]:
    """Each word of the list with what stands around it."""
    line = " ".join(text.split())
    return [line[max(m.start() - 40, 0) : m.end() + 20] for m in DIALECT.finditer(line)]


def messages(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string with a space in it, docstrings aside; a module's own docstring
    is shown by --help and counts.
    """
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in docstrings and " " in node.value.strip():
            yield node.lineno, node.value


def prose(page: str) -> Iterator[tuple[int, str]]:
    """Number and text of the lines of a page that are no table, heading, code, link or HTML."""
    blank, in_code, fenced = True, False, False
    for number, line in enumerate(page.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not line.strip():
            blank = True
            continue
        in_code = line.startswith("    ") and (in_code or blank)
        blank = False
        if not fenced and not in_code and not re.match(r"\s*(\||#|<|```|\[[^\]]+\]:)", line):
            yield number, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_use_the_words_of_the_field(page: Path) -> None:
    assert dialect_in(page.read_text(encoding="utf-8")) == []


def test_messages_use_the_words_of_the_field() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in MODULES
        for line, message in messages(path.read_text(encoding="utf-8"))
        for text in dialect_in(message)
    ]
    assert found == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_prose_stands_in_lines_of_100_characters(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert [(n, line) for n, line in prose(text) if len(line) > WIDTH] == []


def test_the_checks_see_what_they_are_for() -> None:
    source = (
        '"""Nothing."""\ndef f():\n    """As it comes."""\n    print(f"{f} was told", "told")\n'
    )
    assert [text for _, text in messages(source)] == [" was told"]
    assert dialect_in("it was\ntold so") == ["it was told so"]
    page = "a\n\n    code\n\n    more code\n| table |\n# head\nb\n```\nfenced\n```\nc\n"
    assert [line for _, line in prose(page)] == ["a", "b", "c"]
