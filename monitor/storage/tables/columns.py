"""Columns that tables are made of: how moments, words and ids are stored, and what every row of work has."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
#: NUL cannot be stored by PostgreSQL, lone surrogates by neither; each is replaced one for one, so that spans still fit.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Moment(TypeDecorator[datetime]):
    """An aware datetime, UTC; whole microseconds since 1970."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002 - SQLAlchemy's name
        return None if value is None else (value - _EPOCH) // _MICROSECOND

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        return None if value is None else _EPOCH + value * _MICROSECOND


class Words(TypeDecorator[str]):
    """Text from outside, with what no database can hold replaced by U+FFFD, one character for one."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """The text as it comes back from the database."""
    return text if text.isascii() and "\x00" not in text else _UNSTORABLE.sub("\ufffd", text)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite gives out ids only for a column that is INTEGER to the letter.
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def column(name: str, kind: Any, comment: str, *args: Any, null: bool = False, **more: Any) -> sa.Column[Any]:
    # What is compared with a column may come from an address as well: no database takes NUL, PostgreSQL says so by an error.
    kind = Words if kind is sa.Text else kind
    return sa.Column(name, kind, *args, comment=comment, nullable=null, **more)


def id_column(comment: str = "Its number") -> sa.Column[Any]:
    return sa.Column("id", Id, primary_key=True, comment=comment)


def to(name: str, target: str, comment: str, *, null: bool = False, **more: Any) -> sa.Column[Any]:
    return column(name, Id, comment, sa.ForeignKey(target, ondelete=more.pop("gone", None)), null=null, **more)


def key_to(name: str, target: str, comment: str, *, gone: str | None = None) -> sa.Column[Any]:
    """A part of the primary key that names a row of another table."""
    return sa.Column(name, Id, sa.ForeignKey(target, ondelete=gone), primary_key=True, comment=comment)


def work_columns() -> list[sa.Column[Any]]:
    """The columns of every kind of work that is a row."""
    return [
        column("due_at", Moment, "When it is to be done; null: never, until something makes it due", null=True),
        column("not_before", Moment, "Back-off after a failure: not before this moment", null=True),
        column(
            "lease_owner",
            sa.Text,
            "Token of the process that is doing it; a finish with another token is void",
            null=True,
        ),
        column("lease_until", Moment, "When that token stops to count", null=True),
        column("attempts", sa.Integer, "How often it was begun since it last went well", server_default="0"),
        column("last_error", Words, "How the last failure ended, a sentence", server_default=""),
        column("quarantined", sa.Boolean, "Failed too often: left alone and shown", server_default=sa.false()),
    ]
