"""Stop the wall clock, so that a skill which reads it answers the same twice.

Wall time (`time.time`, `datetime.now`, `date.today` and their relatives) stands still at the moment
given. Monotonic clocks go on: code that waits for a deadline must see time pass.
"""

import datetime
import time
from collections.abc import Callable
from typing import Any, Self

NANOSECONDS = 1_000_000_000


def freeze_clock(moment: float) -> None:
    """Replace the wall clock of this process.

    Args:
        moment: seconds since 1970-01-01 UTC.
    """
    real_datetime, real_date = datetime.datetime, datetime.date

    class Meta(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, real_date if cls is FrozenDate else real_datetime)

        def __subclasscheck__(cls, other: type) -> bool:
            return issubclass(other, real_date if cls is FrozenDate else real_datetime)

    class FrozenDatetime(real_datetime, metaclass=Meta):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Self:
            return cls.fromtimestamp(moment, tz)

        @classmethod
        def utcnow(cls) -> Self:
            return cls.fromtimestamp(moment, datetime.UTC).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Self:
            return cls.fromtimestamp(moment)

    class FrozenDate(real_date, metaclass=Meta):
        @classmethod
        def today(cls) -> Self:
            return cls.fromtimestamp(moment)

    for frozen, real in ((FrozenDatetime, real_datetime), (FrozenDate, real_date)):
        frozen.__name__ = frozen.__qualname__ = real.__name__
        frozen.__module__ = real.__module__
    replaced: dict[str, Any] = {"datetime": FrozenDatetime, "date": FrozenDate}
    for name, value in replaced.items():
        setattr(datetime, name, value)
    for name, function in build_time_functions(moment).items():
        setattr(time, name, function)


def build_time_functions(moment: float) -> dict[str, Callable[..., Any]]:
    """Build the functions of `time` that read the wall clock when no moment is given."""
    real_gmtime, real_localtime, real_strftime = time.gmtime, time.localtime, time.strftime
    real_asctime = time.asctime

    def gmtime(seconds: float | None = None) -> time.struct_time:
        return real_gmtime(moment if seconds is None else seconds)

    def localtime(seconds: float | None = None) -> time.struct_time:
        return real_localtime(moment if seconds is None else seconds)

    def asctime(parts: time.struct_time | None = None) -> str:
        return real_asctime(localtime() if parts is None else parts)

    def ctime(seconds: float | None = None) -> str:
        return asctime(localtime(seconds))

    def strftime(form: str, parts: time.struct_time | None = None) -> str:
        return real_strftime(form, localtime() if parts is None else parts)

    return {
        "time": lambda: moment,
        "time_ns": lambda: int(moment * NANOSECONDS),
        "gmtime": gmtime,
        "localtime": localtime,
        "ctime": ctime,
        "asctime": asctime,
        "strftime": strftime,
    }
