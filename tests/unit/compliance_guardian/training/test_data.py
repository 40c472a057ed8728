"""The texts that compliance-guardian is evaluated on."""

import importlib.util
import sys

import pytest

from fleet import training
from fleet.catalogue import load
from fleet.paths import CATALOGUE


@pytest.fixture(scope="module")
def data():
    """The module, under a name that no other function's has."""
    name = "compliance_guardian_training_data"
    file = training.folder_of(load(CATALOGUE), "compliance-guardian") / "data.py"
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_spans_are_where_the_numbers_are(data):
    documents = [*data.cards(3, 50), *data.obfuscated(3, 3)]

    for document in documents:
        for span in document.spans:
            assert (
                document.text[span.start : span.end].strip() == document.text[span.start : span.end]
            )
    assert list(data.cards(3, 50)) == documents[:100]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no documents"),
        ("{}", "data.jsonl:1: KeyError"),
        ('{"text": "a", "spans": [{"kind": "email"}]}', "data.jsonl:1: KeyError"),
        ("a", "data.jsonl:1: JSONDecodeError"),
    ],
)
def test_bad_data_is_named(data, tmp_path, content, message):
    file = tmp_path / "data.jsonl"
    file.write_text(content)

    with pytest.raises(data.DataError, match=message):
        data.read(file)
