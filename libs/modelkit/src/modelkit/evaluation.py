"""A model's metrics against those of its baselines, as a table or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from modelkit.card import Better, Card, DataSet, InvalidCardError, Values, check_values


@dataclass(frozen=True)
class Evaluation:
    """Metrics of a model and of each baseline on the same data."""

    data: DataSet
    better: Mapping[str, Better]
    metrics: Values
    baselines: Mapping[str, Values]

    def __post_init__(self) -> None:
        check_values(self.better, self.metrics, self.baselines)

    @classmethod
    def of(
        cls, card: Card, data: DataSet, metrics: Values, baselines: Mapping[str, Values]
    ) -> Evaluation:
        """An evaluation of the card's model.

        Raises InvalidCardError unless it has the card's metrics and baselines.
        """
        if set(baselines) != set(card.baselines):
            raise InvalidCardError(
                f"baselines are {', '.join(baselines) or 'none'}; "
                f"the card of {card.name} names {', '.join(card.baselines) or 'none'}"
            )
        return cls(data, card.better, metrics, baselines)

    def to_json(self) -> str:
        """Data, metrics and baselines as JSON."""
        content = {
            "data": vars(self.data),
            "better": dict(self.better),
            "metrics": dict(self.metrics),
            "baselines": {name: dict(values) for name, values in self.baselines.items()},
        }
        return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"

    def to_text(self) -> str:
        """One line a metric, one column for the model and each baseline; `*` marks the best."""
        columns = {"model": self.metrics, **self.baselines}
        table = [["metric", "better", *columns]]
        for metric, better in self.better.items():
            values = [column[metric] for column in columns.values()]
            best = max(values) if better == "higher" else min(values)
            cells = [f"{value:.4f}{'*' if value == best else ' '}" for value in values]
            table.append([metric, better, *cells])
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        lines = [
            "  ".join(
                cell.ljust(width) if index < 2 else cell.rjust(width)
                for index, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in table
        ]
        head = f"{self.data.name}: {self.data.rows:,} rows, sha256 {self.data.sha256[:12]}"
        return "\n".join([head, "", *lines]) + "\n"
