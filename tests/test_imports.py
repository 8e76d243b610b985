"""Imports run in no circle, those for types counted: what needs one another is one file, or hands on less."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("service", "worker", "candor", "lab")


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = {module_name(file): file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))}


def imported(module: str, tree: ast.AST) -> set[str]:
    """The modules of ours that a module imports, for types too."""
    package = module if FILES[module].name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            whence = ".".join([*above, *([node.module] if node.module else [])])
            names = {f"{whence}.{alias.name}" for alias in node.names}
            found |= {name if name in FILES else whence for name in names}
    return found & FILES.keys() - {module}


def circles(imports: dict[str, set[str]]) -> list[list[str]]:
    """One circle, as the way round it, for each set of modules that need one another."""

    def way(start: str, end: str) -> list[str] | None:
        paths, seen = [[start]], {start}
        for path in paths:
            for following in sorted(imports[path[-1]]):
                if following == end:
                    return [*path, end]
                if following not in seen:
                    seen.add(following)
                    paths.append([*path, following])
        return None

    found: list[list[str]] = []
    for module in sorted(imports):
        if not any(module in circle for circle in found) and (circle := way(module, module)):
            found.append(circle)
    return found


@pytest.fixture(scope="module")
def imports() -> dict[str, set[str]]:
    return {name: imported(name, ast.parse(file.read_text(encoding="utf-8"))) for name, file in FILES.items()}


def test_no_imports_run_in_a_circle(imports: dict[str, set[str]]) -> None:
    assert [" imports ".join(circle) for circle in circles(imports)] == []


def test_a_circle_is_found_and_named() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c", "a"]]


def test_imports_for_types_are_counted(imports: dict[str, set[str]]) -> None:
    assert "candor.scoring.method" in imports["candor.scoring.world"]


def test_every_file_is_imported_named_or_run_by_itself(imports: dict[str, set[str]]) -> None:
    texts = {name: file.read_text(encoding="utf-8") for name, file in FILES.items()}
    looked_into = {name for name in FILES if "iter_modules(__path__)" in texts[name]}
    reached = set().union(*imports.values()) | {name for name in FILES if name.rpartition(".")[0] in looked_into}
    for name, file in FILES.items():
        if name in reached or file.name in {"__init__.py", "__main__.py"} or '__name__ == "__main__"' in texts[name]:
            continue
        is_named = any(name in text for other, text in texts.items() if other != name)
        folder = file.relative_to(ROOT).parent
        assert is_named, f"nothing uses {file.relative_to(ROOT)}: name it where others of {folder} are, or delete it"
