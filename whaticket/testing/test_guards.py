"""What the code base promises about itself."""

import ast
import dataclasses
import datetime
import re
import subprocess
import types
import typing
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from events.bus import event_classes
from whaticket.testing.lint import requirements_drift

ROOT = Path(__file__).parents[2]
LONGEST_MODULE = 450


def tracked(pattern="*"):
    """Files of the repository, also those not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", pattern],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
    ).stdout
    return sorted({path for path in listed.split("\0") if path and (ROOT / path).is_file()})


def texts(pattern="*"):
    for path in tracked(pattern):
        try:
            yield path, (ROOT / path).read_text()
        except UnicodeDecodeError:
            continue


def is_code(path):
    """Modules that run in production: not tests, not migrations."""
    return not re.search(r"(^|/)(tests|migrations|testing)/|^bench/|conftest\.py$", path)


def public_functions(path, text):
    for node in ast.parse(text, path).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_":
            yield node


def test_every_service_says_what_it_means():
    silent = [
        f"{path}: {function.name}"
        for path, text in texts("*.py")
        if is_code(path) and re.search(r"(^|/)services(/|\.py$)", path)
        for function in public_functions(path, text)
        if not ast.get_docstring(function)
    ]
    assert silent == []


def test_every_module_says_what_it_holds():
    silent = [
        path
        for path, text in texts("*.py")
        if not re.search(r"/migrations/|/apps\.py$|__init__\.py$", path)
        and text.strip()
        and not ast.get_docstring(ast.parse(text))
    ]
    assert silent == []


def test_no_two_migrations_of_an_app_share_a_number():
    numbers = Counter(
        (Path(path).parent.as_posix(), Path(path).name[:4])
        for path in tracked("*/migrations/[0-9]*.py")
    )
    assert [number for number, count in numbers.items() if count > 1] == []


def test_migrations_import_no_application_code():
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")} | {"whaticket"}
    # Field and database classes are what a table is made of, and stay where they are.
    allowed = re.compile(r"^(whaticket\.fields|whaticket\.database|\w+\.migrations(\.\w+)?)$")
    guilty = []
    for path, text in texts("*/migrations/*.py"):
        for node in ast.walk(ast.parse(text)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            guilty += [
                f"{path}: {name}"
                for name in names
                if name.split(".")[0] in apps and not allowed.match(name)
            ]
    assert guilty == []


@pytest.mark.parametrize("name", ["requirements.in", "requirements-dev.in"])
def test_every_dependency_has_its_reason(name):
    reasoned = False
    without = []
    for line in (ROOT / name).read_text().splitlines():
        if not line.strip():
            reasoned = False
        elif line.startswith("#"):
            reasoned = True
        elif not line.startswith("-r") and not reasoned and " #" not in line:
            without.append(line)
    assert without == []


def test_the_locks_hold_what_the_short_lists_ask_for():
    assert requirements_drift() == []


def test_nothing_is_left_to_do():
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
    assert [
        f"{path}: {line.strip()}"
        for path, text in texts()
        if not path.startswith("requirements")
        for line in text.splitlines()
        if marks.search(line)
    ] == []


def test_no_file_knows_the_machine_it_was_written_on():
    paths = re.compile(r"(?<![\w./-])/(work|root|home/\w+|Users/\w+)/")
    assert [
        f"{path}: {line.strip()}"
        for path, text in texts()
        if path != "whaticket/testing/test_guards.py"
        for line in text.splitlines()
        if paths.search(line)
    ] == []


def test_no_module_is_too_long_to_read():
    long = {
        path: text.count("\n")
        for path, text in texts("*.py")
        if "/migrations/" not in path and text.count("\n") > LONGEST_MODULE
    }
    assert long == {}


def test_no_test_is_left_out_or_repeated():
    # The plugin that leaves out browser tests where there is no browser is the one exception.
    dodges = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|--rer" r"uns\b")
    allowed = {"whaticket/testing/servers.py", "whaticket/testing/test_guards.py"}
    assert [
        f"{path}: {line.strip()}"
        for path, text in texts("*.py")
        if path not in allowed
        for line in text.splitlines()
        if dodges.search(line)
    ] == []


def environment_names():
    """Variables the code reads, by the ways settings and scripts read them."""
    reading = re.compile(
        r"(?:environ(?:\.get\(|\[)|getenv\(|_flag\(|_list\(|_kept_secret\()\s*\"([A-Z][A-Z0-9_]+)\""
    )
    internal = {
        "PATH",
        "PYTEST_XDIST_WORKER",
        "DJANGO_SETTINGS_MODULE",
    }
    names = set()
    for path, text in texts("*.py"):
        if not re.search(r"(^|/)tests/", path) and not path.startswith("bench/"):
            names |= set(reading.findall(text))
    return {n for n in names - internal if not n.startswith("WHATICKET_")}


def documented_names():
    text = (ROOT / "docs/operations.md").read_text().split("## Environment")[1]
    return set(re.findall(r"`([A-Z][A-Z0-9_]+)(?:=\w+)?`", text))


def test_every_variable_the_code_reads_is_documented():
    assert environment_names() - documented_names() == set()


def test_every_variable_of_the_sample_file_means_something():
    sample = set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M))
    compose = set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text()))
    assert sample - documented_names() - compose == set()
    assert compose - sample == set()


PLAIN = {int, str, bool, float, type(None), datetime.datetime, datetime.date}


def is_plain(kind):
    """Whether a value of a type survives JSON, as far as its annotation tells."""
    if kind in PLAIN or kind is Any:
        return True
    inner = typing.get_args(kind)
    if typing.get_origin(kind) in {types.UnionType, typing.Union, tuple, list, Sequence}:
        return all(part is Ellipsis or is_plain(part) for part in inner)
    if typing.get_origin(kind) in {dict, Mapping}:
        return inner[0] is str and is_plain(inner[1])
    return dataclasses.is_dataclass(kind) and all(map(is_plain, hints_of(kind).values()))


def hints_of(kind):
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


def test_events_carry_ids_and_plain_values_only():
    events = [kind for kind in event_classes() if ".tests." not in kind.__module__]
    assert len(events) > 20
    assert [
        f"{kind.__name__}.{name}: {hint}"
        for kind in events
        for name, hint in hints_of(kind).items()
        if not is_plain(hint)
    ] == []


def test_every_event_has_a_name_of_its_own_and_is_published_by_a_service():
    events = [kind for kind in event_classes() if ".tests." not in kind.__module__]
    names = Counter(kind.name for kind in events)
    assert [name for name, count in names.items() if count > 1] == []
    code = "".join(
        text for path, text in texts("*.py") if is_code(path) and not path.endswith("/events.py")
    )
    assert [k.__name__ for k in events if not re.search(rf"\b{k.__name__}\(", code)] == []
