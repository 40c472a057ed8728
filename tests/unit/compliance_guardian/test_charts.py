"""The charts of compliance-guardian."""

import json

from compliance_guardian import charts
from compliance_guardian.fraud.costs import Bin, Costs, curve
from compliance_guardian.posture import Month


def test_the_chart_of_costs_has_a_band_of_their_interval():
    points = curve([Bin(0.1, 90, 9), Bin(0.8, 10, 8)], Costs(5, 100))

    chart = charts.costs(points)

    rows = chart["data"]["values"]
    assert [row["threshold"] for row in rows] == [0.1, 0.8, 1.0]
    assert all(row["lower"] <= row["cost"] <= row["upper"] for row in rows)
    assert json.dumps(chart, allow_nan=False)


def test_the_chart_of_calibration_leaves_out_empty_bins():
    chart = charts.calibration([Bin(0.1, 90, 9), Bin(0.5, 0, 0)])

    assert chart["data"]["values"] == [
        {"predicted": 0.1, "share": 0.1, "line": "observed"},
        {"predicted": 0.1, "share": 0.1, "line": "predicted"},
    ]


def test_charts_of_nothing():
    assert charts.costs([])["data"]["values"] == charts.calibration([])["data"]["values"] == []


def test_card_data_has_two_lines_of_months():
    chart = charts.card_data([Month("2026-01", 3, 1, 2, 1), Month("2026-02", 3, 0, 0, 0)])

    assert [row["values"] for row in chart["data"]["values"]] == [2, 1, 0, 0]
    assert {row["line"] for row in chart["data"]["values"]} == {"found", "open in raw"}
