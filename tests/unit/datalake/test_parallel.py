from __future__ import annotations

import threading

import pytest

from datalake.parallel import Together, at_once, one_by_one


@pytest.mark.parametrize("together", [one_by_one, at_once])
def test_results_come_in_the_order_of_the_tasks(together: Together) -> None:
    assert together([lambda number=number: number for number in range(50)]) == list(range(50))
    assert together([]) == []


def test_tasks_wait_at_the_same_time() -> None:
    # Each waits for the other one.
    barrier = threading.Barrier(2)
    assert sorted(at_once([barrier.wait, barrier.wait])) == [0, 1]


@pytest.mark.parametrize("together", [one_by_one, at_once])
def test_the_first_error_is_raised(together: Together) -> None:
    def fail(name: str) -> None:
        raise ValueError(name)

    with pytest.raises(ValueError, match="first"):
        together([lambda: None, lambda: fail("first"), lambda: fail("second")])


def test_all_tasks_have_ended_when_an_error_is_raised() -> None:
    done: list[int] = []

    def fail() -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        at_once([fail, *(lambda number=number: done.append(number) for number in range(20))])
    assert sorted(done) == list(range(20))
