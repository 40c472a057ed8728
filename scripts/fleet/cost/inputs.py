"""The two files that an estimate rests on: prices, and traffic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fleet.catalogue import Catalogue
from fleet.errors import FleetError
from fleet.paths import TRAFFIC

PRICES = Path(__file__).parent / "prices.yaml"
DEFAULT = "default"

Count = Annotated[float, Field(ge=0)]
Percent = Annotated[float, Field(ge=0, le=100)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Price(_Part):
    """`usd` for `per`, such as `1_000_000 requests`; `page` is AWS's page that says so."""

    usd: float = Field(gt=0)
    per: str = Field(pattern=r"^[\d_]+ \S+$")
    page: str
    note: str = ""

    @property
    def each(self) -> float:
        """US dollars for one unit."""
        return self.usd / int(self.per.split()[0])

    @property
    def unit(self) -> str:
        """The unit that is counted, such as `requests`."""
        return self.per.split()[1]


class Prices(_Part):
    """All prices, of one region and date."""

    written: date
    region: str
    prices: dict[str, Price]


class FunctionTraffic(_Part):
    """One function in a month; the requests to S3 are those of one invocation."""

    requests: Count
    ms: Count
    cold_starts_percent: Percent = 0
    init_ms: Count | None = None
    response_kb: Count = 0
    log_kb: Count = 0
    s3_gets: Count = 0
    s3_puts: Count = 0


class BucketTraffic(_Part):
    """One bucket; `events` are objects created, deleted or changed otherwise in a month."""

    stored_gb: Count
    events: Count = 0


class TableTraffic(_Part):
    """One table in a month."""

    stored_gb: Count
    reads: Count
    writes: Count


class RegistryUse(_Part):
    """Images of each function."""

    images: Count
    compressed_percent: Percent


class LogUse(_Part):
    """How long logs are kept."""

    kept_months: Count


class TraceUse(_Part):
    """Which share of the invocations is traced."""

    sampled_percent: Percent


class QueueUse(_Part):
    """Receives without a message, of one queue in a month."""

    empty_receives: Count


class Traffic(_Part):
    """A month's traffic; `default` applies to functions that it does not name."""

    functions: dict[str, FunctionTraffic]
    buckets: dict[str, BucketTraffic]
    tables: dict[str, TableTraffic]
    registry: RegistryUse
    logs: LogUse
    traces: TraceUse
    queues: QueueUse
    source: str = Field(default="", exclude=True)


def load_prices(path: Path = PRICES) -> Prices:
    """Read the prices. Raises FleetError naming the mistake."""
    return Prices.model_validate(_read(path, Prices))


def load_traffic(catalogue: Catalogue, path: Path | None = None) -> Traffic:
    """Read the traffic, the example's if no file is given.

    Raises FleetError naming a mistake, or a name that is neither in the catalogue nor `default`.
    """
    chosen = path or TRAFFIC
    traffic = Traffic.model_validate(_read(chosen, Traffic) | {"source": chosen.name})
    sections: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
        "functions": (traffic.functions, catalogue.functions),
        "buckets": (traffic.buckets, catalogue.buckets),
        "tables": (traffic.tables, catalogue.tables),
    }
    for section, (given, known) in sections.items():
        for name in given:
            if name not in known and name != DEFAULT:
                allowed = ", ".join([*known, DEFAULT])
                raise FleetError(
                    f"{chosen.name}: {section}.{name} is not in the catalogue; allowed: {allowed}"
                )
        for name in known:
            if name not in given and DEFAULT not in given:
                raise FleetError(
                    f"{chosen.name}: {section} names neither {name} nor {DEFAULT}; add one"
                )
    return traffic


def _read(path: Path, model: type[BaseModel]) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text())
        model.model_validate(content)
    except OSError as error:
        raise FleetError(f"{path} cannot be read: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise FleetError(f"{path.name} is not valid YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise FleetError(f"{path.name}: {place}: {first['msg']}") from error
    result: dict[str, Any] = content
    return result
