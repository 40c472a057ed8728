"""What the documents say is so: links lead somewhere, make targets exist."""

import re
import subprocess
from pathlib import Path

import pytest

from checkout import matching
from fleet.paths import ROOT

DOCUMENTS = sorted(ROOT / name for name in matching("*.md"))
TARGETS = set(re.findall(r"(?m)^([a-z][a-z -]*):.*## ", (ROOT / "Makefile").read_text()))
TARGETS = {target for targets in TARGETS for target in targets.split()}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
class TestDocument:
    def test_links_lead_somewhere(self, document: Path):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text()):
            if not link.startswith("http"):
                assert (document.parent / link).exists(), link

    def test_make_targets_exist(self, document: Path):
        code = re.findall(r"`([^`\n]+)`|^(make .*)$", document.read_text(), re.MULTILINE)
        for command in (a or b for a, b in code):
            if command.startswith("make "):
                words = command.split("#")[0].split()[1:]
                named = {w for w in words if re.fullmatch(r"[a-z][a-z-]*", w)}
                assert named <= TARGETS, command


def test_every_target_has_one_line_of_help():
    help_text = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    for target in TARGETS:
        assert re.search(rf"(?m)^  .*\b{target}\b.*  \w", help_text), target
