"""The meter of paid rows."""

from __future__ import annotations

from datetime import timedelta


def test_the_meter_counts_days_and_months_in_utc(store, make):
    for rows, back in ((10, 0), (5, 0), (20, 24), (40, 24 * 24)):
        store.spend("x", rows, make.NOW - timedelta(hours=back))
    left = [
        store.rows_left("x", make.NOW, per_day=day, per_month=month) for day, month in ((20, 1000), (100, 40), (10, 9))
    ]
    assert left == [5, 5, 0]
    assert store.rows_left("bluesky", make.NOW, per_day=3, per_month=9) == 3
    assert (store.spent("x", make.NOW), store.spent("bluesky", make.NOW)) == (
        (15, 35 if make.NOW.day > 1 else 15),
        (0, 0),
    )
