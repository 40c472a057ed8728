"""A replay knows at each payment what was known then."""

from datetime import UTC, datetime, timedelta

from compliance_guardian.fraud.features import FEATURES
from compliance_guardian.fraud.payments import Payment
from compliance_guardian.fraud.replay import Replay

NAMES = [feature.name for feature in FEATURES]
START = datetime(2018, 6, 1, tzinfo=UTC)


def payment(hours, customer="c", terminal="x"):
    return Payment("s", None, START + timedelta(hours=hours), customer, terminal, 10_000, "EUR")


def test_labels_are_known_after_seven_days():
    pairs = [(payment(0), True), (payment(167, "d"), False), (payment(168, "e"), False)]

    found = [values[NAMES.index("terminal_frauds")] for _, values in Replay().features(pairs)]

    assert found == [0, 0, 1]


def test_payments_of_the_same_instant_see_one_another():
    pairs = [(payment(0), False), (payment(0, terminal=None), False)]

    found = [values[NAMES.index("customer_count_1d")] for _, values in Replay().features(pairs)]

    assert found == [2, 2]


def test_sources_do_not_mix():
    other = Payment("t", None, START, "c", "x", 10_000, "EUR")
    replay = Replay()

    found = list(replay.features([(payment(0), False), (other, False)]))

    assert [values[NAMES.index("customer_count_1d")] for _, values in found] == [1, 1]
    assert len(replay.customers) == len(replay.terminals) == 2


def test_an_investigation_counts_from_its_time_on():
    fraud = payment(0)
    verdicts = {fraud.identity: [(START + timedelta(hours=2), True)]}
    pairs = [(fraud, False), (payment(1, "d"), False), (payment(2, "e"), False)]

    found = Replay(verdicts).features(pairs)

    assert [values[NAMES.index("terminal_frauds")] for _, values in found] == [0, 0, 1]


def test_labels_that_become_known_later_are_kept_for_later():
    replay = Replay()
    list(replay.features([(payment(0), True)]))
    replay.learn_all()

    [terminal] = replay.terminals.values()
    assert len(terminal.frauds(payment(168).microseconds)) == 1
    assert terminal.frauds(payment(167).microseconds) == []


def test_to_pass_over_payments_leaves_what_their_features_leave():
    fraud = payment(0)
    pairs = [(fraud, True), (payment(100, "d"), False), (payment(100), False)]
    later = [(payment(170), False), (payment(200, "d"), True)]
    replay, other = Replay(), Replay()

    list(replay.features(pairs))
    other.pass_over(pairs)

    assert list(replay.features(later)).__repr__() == list(other.features(later)).__repr__()
