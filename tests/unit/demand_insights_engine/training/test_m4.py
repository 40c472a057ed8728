"""Files of the M4 competition's form."""

import gzip

import numpy as np
import pytest


@pytest.fixture(scope="module")
def m4(training_module):
    return training_module("m4")


def test_series_are_ragged_and_may_be_gzipped(m4, tmp_path):
    text = '"V1","V2","V3","V4"\n"W1","1","2.5",""\n"W2","3","4","NA"\n'
    plain, packed = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    for file in (plain, packed):
        found = m4.read(file)
        assert list(found) == ["W1", "W2"]
        np.testing.assert_array_equal(found["W1"], [1, 2.5])
        np.testing.assert_array_equal(found["W2"], [3, 4])


@pytest.mark.parametrize(
    ("text", "message"), [("V1,V2\nW1,1\nW2,x\n", ":3: .*'x'"), ("V1,V2\n", "has no series")]
)
def test_errors_name_the_line(m4, tmp_path, text, message):
    file = tmp_path / "a.csv"
    file.write_text(text)
    with pytest.raises(m4.M4Error, match=message):
        m4.read(file)


def test_a_file_that_is_not_packed_is_named(m4, tmp_path):
    file = tmp_path / "a.csv.gz"
    file.write_bytes(b"V1,V2")
    with pytest.raises(m4.M4Error, match="cannot be read"):
        m4.read(file)


def test_the_name_says_the_frequency_and_the_test_file(m4, tmp_path):
    train, test = tmp_path / "m4_Monthly-train.csv.gz", tmp_path / "m4_Monthly-test.csv.gz"
    with pytest.raises(m4.M4Error, match="beside it"):
        m4.test_file(train)
    test.touch()
    assert m4.test_file(train) == test
    assert m4.frequency(train).horizon == 18
    with pytest.raises(m4.M4Error, match="names no frequency"):
        m4.frequency(tmp_path / "train.csv")
