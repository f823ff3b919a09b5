"""Which Java runs which server."""

from pathlib import Path

import pytest
from server import LTS, NEWER, Missing, choose_java


def java(folder, version):
    (folder / version / "bin").mkdir(parents=True)
    (folder / version / "release").write_text(f'IMPLEMENTOR="x"\nJAVA_VERSION="{version}"\n', encoding="utf-8")
    binary = folder / version / "bin" / "java"
    binary.touch()
    return binary


@pytest.mark.parametrize(
    ("versions", "lts", "newer"),
    [
        (["17.0.15"], "17.0.15", None),
        (["25.0.3", "17.0.15"], "17.0.15", "25.0.3"),
        (["21.0.1"], "21.0.1", "21.0.1"),
        (["25", "21.0.1", "11.0.2"], "21.0.1", "21.0.1"),
        (["11.0.2"], None, None),
        ([], None, None),
    ],
)
def test_the_lowest_that_runs_it(tmp_path, versions, lts, newer):
    binaries = [java(tmp_path, version) for version in versions]
    for release, wanted in ((LTS, lts), (NEWER, newer)):
        if wanted is None:
            with pytest.raises(Missing, match=f"needs Java {release.java[0]}"):
                choose_java(release, binaries)
        else:
            assert choose_java(release, binaries) == tmp_path / wanted / "bin" / "java"


def test_what_is_no_java_is_passed_over(tmp_path):
    with pytest.raises(Missing, match="here is none"):
        choose_java(LTS, [Path(tmp_path / "nothing" / "bin" / "java")])
