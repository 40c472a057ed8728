"""Evaluation of elasticities, seasons and drop-out, on a small shop."""

import pytest


@pytest.fixture(scope="module")
def module(training_module):
    return training_module("evaluate_response")


@pytest.fixture(scope="module")
def found(module, training_module):
    shop = training_module("made_up_shop").made_up_shop
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "made_up_shop", lambda seed: shop(seed, 30_000))
        return module.evaluate(seed=4)


def test_every_group_is_measured_against_its_truth(found):
    groups = found["elasticities"]["groups"]
    assert set(groups) == set(found["seasons"])
    for group in groups.values():
        assert abs(group["estimate"] - group["truth"]) < 4 * group["standard error"]
    for season in found["seasons"].values():
        assert season["rmse"] < 0.3


def test_a_placebo_is_hardly_ever_significant(found):
    assert found["elasticities"]["placebo significant"] < 0.1


def test_drop_out_is_near_its_truth(found):
    assert found["drop-out"]["estimate"] == pytest.approx(found["drop-out"]["truth"], abs=0.12)


def test_the_table_names_each_group(module, found):
    text = "\n".join(module.lines(found))
    for name in found["seasons"]:
        assert name in text
