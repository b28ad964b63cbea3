"""A table as Parquet, written in pieces: a group of rows at a time, each with types of its own for numbers, times and lists."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from monitor.core.errors import UsageError
from monitor.export.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import ModuleType

    from monitor.export.tables import Table

MEDIA_TYPE = "application/vnd.apache.parquet"
#: Rows that are held and written as one group.
GROUP = 2_000
#: Columns that are no text, by what they hold. Objects, as `flags`, are text in JSON.
_WHOLE = frozenset({"id", "score", "story", "revision", "flag", "mention"})
_TIMES = frozenset({"published", "first_seen", "availability_since"})
_LISTS = frozenset({"because", "drift"})


def check(_rows: Callable[[], int]) -> None:
    """Raise UsageError if the extra is missing."""
    _pyarrow()


def _pyarrow() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise UsageError(
            "Parquet files take a part that is not installed.", "Install it with: pip install 'hypewatch[parquet]'."
        ) from None
    return pa, pq


def pieces(table: Table) -> Iterator[bytes]:
    """The file; what is told of the search stands in its metadata, also as JSON under `hypewatch`."""
    pa, pq = _pyarrow()
    schema = _schema(table)
    sink, rows = Sink(), iter(table.rows)
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        yield sink.take()
        while group := list(islice(rows, GROUP)):
            columns = [pa.array(_values(group, field), field.type) for field in schema]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))
            yield sink.take()
    yield sink.take()


def _schema(table: Table) -> Any:
    pa, _ = _pyarrow()
    named = {
        "judged": pa.bool_(),
        "confidence": pa.float64(),
        **dict.fromkeys(_WHOLE, pa.int64()),
        **dict.fromkeys(_TIMES, pa.timestamp("ms", tz="UTC")),
        **dict.fromkeys(_LISTS if table.name == "mentions" else (), pa.list_(pa.string())),
    }
    about = {name: str(value) for name, value in table.about.fields().items()}
    told = {**about, "hypewatch": json.dumps(table.about.fields(), ensure_ascii=False)}
    return pa.schema([(name, named.get(name, pa.string())) for name in table.columns], metadata=told)


def _values(rows: list[Mapping[str, Any]], field: Any) -> list[Any]:
    """A column of some rows, as its type takes it."""
    pa, _ = _pyarrow()
    as_it_is: Callable[[Any], Any] = lambda value: value  # noqa: E731 - one of three
    read = (
        datetime.fromisoformat
        if pa.types.is_timestamp(field.type)
        else _text
        if field.type == pa.string()
        else as_it_is
    )
    return [None if (value := row[field.name]) is None else read(value) for row in rows]


def _text(value: Any) -> str:
    """Objects as JSON; a half of a character, which no encoding has, as a question mark."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.encode("utf-8", "replace").decode("utf-8")
