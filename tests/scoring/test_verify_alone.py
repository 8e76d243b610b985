"""verify stands alone: the standard library only, its own constants and statistics, a command of its own."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import gammaincinv
from verify_cases import changed, full, short

from candor.scoring import curves, verify
from candor.scoring.features import expertise_features
from candor.scoring.kinds import KINDS
from candor.scoring.method import load_method
from candor.scoring.verify import main, points
from candor.scoring.verify.digests import digest_of, digests
from candor.scoring.verify.points import FORMULAS
from candor.scoring.verify.voices import SOFT_KINDS

FOLDER = Path(verify.__file__).parent
SHAPES = (1e-6, 0.01, 0.3, 1.0, 1.7, 5.0, 18.2, 100.0, 2_500.0, 80_000.0)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.py")), ids=lambda file: file.name)
def test_nothing_but_the_standard_library_is_imported(file: Path) -> None:
    imports = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]
    absolute = {
        alias.name if isinstance(node, ast.Import) else node.module
        for node in imports
        for alias in node.names
        if isinstance(node, ast.Import) or node.level == 0
    }
    assert {str(name).split(".")[0] for name in absolute} <= sys.stdlib_module_names
    assert all(node.level <= 1 for node in imports if isinstance(node, ast.ImportFrom))


def test_a_copy_of_the_folder_runs_without_anything_installed(tmp_path: Path, published_digests: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "verify", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(published_digests, tmp_path / "verify")
    (tmp_path / "scores.json").write_text(json.dumps([full("qa ada"), short("microblog nova")]))
    command = [sys.executable, "-S", "-E", "-m", "verify", "scores.json"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("all checks passed"), done.stderr) == (0, 2, "")


def test_the_soft_kinds_are_those_of_the_method() -> None:
    assert set(SOFT_KINDS) == {kind.id for kind in KINDS if kind.soft}


@pytest.mark.parametrize("profile", load_method().profiles)
def test_verify_knows_how_every_feature_of_expertise_is_measured(profile: str) -> None:
    unknown = [
        feature.id for feature in expertise_features(load_method().profiles[profile]) if feature.id not in FORMULAS
    ]
    assert unknown == [], (
        f"verify takes {', '.join(unknown)} as stated, and robustness with it: write its formula into "
        "FORMULAS in candor/scoring/verify/points.py"
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("tail", [0.05, 0.95])
def test_gamma_quantiles_agree_with_a_library(tail: float, shape: float) -> None:
    assert points.gamma_quantile(tail, shape) == pytest.approx(gammaincinv(shape, tail), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("hits", "trials"), [(0, 0), (0, 3), (1, 1), (5, 10), (20, 40), (0.2, 0.3)])
def test_wilson_limits_agree_with_scoring(hits: float, trials: float) -> None:
    theirs = curves.wilson_limits(np.array([hits]), np.array([trials]), 1.645)
    assert points.wilson_limits(hits, trials, 1.645) == pytest.approx([float(side[0]) for side in theirs], abs=1e-12)


@pytest.mark.parametrize(
    ("total", "n_effective", "limits"),
    [
        (0, 0, (0.0, 1.497866)),  # chance may have left one supporter out: half of the .95 quantile of Gamma(1)
        (0.02, 2, (0.003554, 1.515774)),
        (1, 1, (0.051293, 3.679856)),
        (8, 4, (2.732637, 16.028389)),
    ],
)
def test_the_limits_of_a_sum_hold_one_more_supporter_above(
    total: float, n_effective: float, limits: tuple[float, float]
) -> None:
    assert points.sum_limits(total, n_effective, 0.5) == pytest.approx(limits, abs=1e-6)
    theirs = curves.sum_limits(np.array([float(total)]), np.array([float(n_effective)]), 0.5)
    assert [float(side[0]) for side in theirs] == pytest.approx(limits, abs=1e-6)


def test_figures_of_ones_own_are_caught_by_the_published_digest_even_under_digests_made_again() -> None:
    forged = full("qa ada")
    forged["method"]["figures"]["voice.most"] = 30.0
    forged["method"]["digest"] = digest_of(forged["method"]["figures"])
    forged["digests"] = digests(forged)
    details = {fault.detail for fault in verify.verify(forged)}
    assert f"digest of method {load_method().version} as published" in details


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "score.json"


def test_the_command_says_what_was_checked(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(json.dumps(full("qa ada")))
    assert main([str(file)]) == 0
    said = capsys.readouterr().out
    assert "all checks passed\n  the figures of method" in said
    assert "19 voices, from their 34 acts" in said


def test_the_command_names_what_is_off(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weight = full("qa ada")["expertise"]["features"][1]["weight"]
    file.write_text(json.dumps([changed(full("qa ada"), ("expertise", "features", 1, "weight"), weight + 1)]))
    assert main([str(file)]) == 1
    said = f"/expertise/features/1/weight: weight of the profile: stated {weight + 1}, recomputed {weight}"
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_the_command_refuses_a_file_without_documents(file: Path, content: str) -> None:
    file.write_text(content)
    assert main([str(file)]) == 2


@pytest.mark.parametrize("content", ["3", "null", "[7]", '{"method": 1}', '"text"'])
def test_the_command_says_what_is_no_document(file: Path, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(content)
    assert main([str(file)]) == 1
    assert capsys.readouterr().out == "document: 1 check failed\n  /method: not a score document\n"


def test_the_command_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert main([str(tmp_path / "nothing.json")]) == 2
