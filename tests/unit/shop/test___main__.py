from __future__ import annotations

from pathlib import Path

import pytest

from shop.__main__ import main


def test_files_are_written_under_their_keys(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["--rows", "500", "--out", str(tmp_path / "new"), "--seed", "3"])

    written = [path for path in (tmp_path / "new").rglob("*") if path.is_file()]
    assert (tmp_path / "new/online-retail/2023-01.csv").read_text().startswith("InvoiceNo,")
    assert capsys.readouterr().out.startswith(f"{len(written)} files, ")


def test_a_folder_with_files_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine").touch()

    with pytest.raises(SystemExit):
        main(["--out", str(tmp_path)])

    assert "is there and not an empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--rows", "0"], "between 1 and 10,000,000"),
        (["--rows", "many"], "invalid int value"),
        (["--seed", "-1"], "negative"),
    ],
)
def test_a_wrong_argument_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    with pytest.raises(SystemExit):
        main([*arguments, "--out", str(tmp_path / "new")])

    assert message in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
