"""Every import contract of pyproject.toml holds for the code and can be broken."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = [contract["name"] for contract in SETTINGS["contracts"]]

# (contract, module, what it must not import)
VIOLATIONS = [
    ("Inside an app: edges call services, services use models", "tickets.services", "tickets.api"),
    ("Inside an app: edges call services, services use models", "tickets.models", "tickets.wire"),
    ("Inside an app: edges call services, services use models", "tickets.wire", "tickets.services"),
    ("Inside an app: edges call services, services use models", "tickets.api", "tickets.receivers"),
    ("Services call down the list only", "tickets.services", "messaging.services"),
    ("Services call down the list only", "companies.services", "accounts.services"),
    ("Models point down the list only", "whatsapp.models", "tickets.models"),
    ("Models point down the list only", "companies.models", "accounts.models"),
    ("Services, models and events import nobody's edges", "tickets.services", "contacts.tasks"),
    ("Services, models and events import nobody's edges", "tickets.events", "contacts.receivers"),
    ("No edge imports another app's edge", "tickets.api", "contacts.api"),
    ("No edge imports another app's edge", "whatsapp.receivers", "messaging.consumers"),
    ("Events and dispatch know no other app", "dispatch.services", "companies.models"),
    ("Events and dispatch know no other app", "events.models", "accounts.models"),
    ("The console is an edge: nobody imports it", "tickets.api", "console.services"),
    (
        "The console stands on services, models and wire, not on other edges",
        "console.services",
        "tickets.api",
    ),
    ("Drivers and the simulator know no tables", "whatsapp.drivers.cloud", "whatsapp.models"),
    ("Drivers and the simulator know no tables", "whatsapp.simulator.graph", "tickets.services"),
]


def broken_contracts(folder: Path) -> set[str]:
    """Names of the contracts that the packages of ``folder`` break under our configuration."""
    finished = subprocess.run(
        [
            str(Path(sys.executable).parent / "lint-imports"),
            "--no-cache",
            "--config",
            str(ROOT / "pyproject.toml"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    names = {name for name in CONTRACTS if f"{name} BROKEN" in finished.stdout}
    assert finished.returncode == bool(names), finished.stdout + finished.stderr
    return names


@pytest.fixture
def packages(tmp_path):
    """Every root package with one empty module for each layer."""
    modules = [
        "api", "consumers", "receivers", "admin", "worker", "console", "tasks", "services", "wire",
        "models", "events", "exceptions",
    ]  # fmt: skip
    for package in SETTINGS["root_packages"]:
        folder = tmp_path / package
        folder.mkdir()
        for name in ["__init__", *modules]:
            (folder / f"{name}.py").touch()
    for folder in ("drivers", "simulator"):
        (tmp_path / "whatsapp" / folder).mkdir()
        (tmp_path / "whatsapp" / folder / "__init__.py").touch()
    return tmp_path


def test_clean_packages_break_no_contract(packages):
    assert broken_contracts(packages) == set()


@pytest.mark.parametrize(("contract", "importer", "imported"), VIOLATIONS)
def test_a_forbidden_import_breaks_its_contract(packages, contract, importer, imported):
    path = packages / f"{importer.replace('.', '/')}.py"
    path.write_text(f"import {imported}\n")
    assert contract in broken_contracts(packages)


def test_every_contract_is_broken_on_purpose_above():
    assert {contract for contract, _, _ in VIOLATIONS} == set(CONTRACTS)


def test_every_package_with_code_is_watched():
    with_code = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert with_code <= set(SETTINGS["root_packages"])
