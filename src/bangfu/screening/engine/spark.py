"""The same statement on Spark: Parquet in, Parquet out, on this machine or on a cluster."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bangfu.foundation.problems import Problem
from bangfu.rules.dialects import SPARK
from bangfu.screening.engine.places import Place
from bangfu.screening.engine.results import ScreenResult
from bangfu.screening.engine.running import in_numbers
from bangfu.screening.engine.statement import compile_pack
from bangfu.screening.indices import Ask
from bangfu.screening.pack import Pack
from bangfu.screening.problems import NO_SPARK, SPARK_FAILED


@contextmanager
def session(master: str) -> Iterator[Any]:
    """A Spark session, ended afterwards unless there was one already. Raises BF-1521 where Spark or Java is not there, BF-1522 where the master does not answer."""
    # Spark starts `python3` from the path for its workers, which need not be the Python of this installation.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("PYSPARK_DRIVER_PYTHON", sys.executable)
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise NO_SPARK(why=error) from error
    builder = SparkSession.builder.master(master).appName("bangfu screen")
    for key, value in _SETTINGS.items():
        builder = builder.config(key, value)
    joined = SparkSession.getActiveSession() is not None  # somebody's own, which goes on after us
    try:
        spark = builder.getOrCreate()
    except (PySparkException, OSError) as error:
        raise NO_SPARK(why=_first_line(error)) from error
    except Exception as error:
        raise _failed(master, error) from error
    try:
        yield spark
    except Problem:
        raise
    except Exception as error:
        raise _failed(master, error) from error
    finally:
        if not joined:
            spark.stop()


_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",  # standard output belongs to the one JSON document
    "spark.sql.session.timeZone": "UTC",  # dates are days: no zone may move them
    "spark.sql.shuffle.partitions": "16",
    "spark.log.level": "ERROR",
}


def screen_on_spark(
    pack: Pack,
    as_of: dt.date,
    files: Mapping[str, Path],
    *,
    into: Path,
    overrides: Mapping[str, Any] | None = None,
    master: str = "local[*]",
) -> ScreenResult:
    """Judge Parquet files (relation → file or folder, columns as the rules know them) on Spark; of several parts `into` becomes a folder.

    The seconds are those of the statement, reading and writing included, not of starting Spark. Raises BF-1520 where `into` holds
    something else, BF-1521 without Spark, BF-1522 where it fails, and what `compile_pack` raises.
    """
    relations = {name: SPARK.parquet(str(place.absolute())) for name, place in files.items()}
    statement = compile_pack(pack, as_of, overrides, dialect=SPARK, **relations)
    with Place(into) as place, session(master) as spark:
        ask: Ask = lambda sql: [tuple(row) for row in spark.sql(sql).collect()]  # noqa: E731
        started = time.perf_counter()
        spark.sql(statement.sql).write.mode("overwrite").parquet(str(place.beside.absolute()))
        seconds = time.perf_counter() - started
        members = relations["persons"]
        persons = ask(f"SELECT count(*) FROM {members}")[0][0]
        relation = SPARK.parquet(str(place.beside.absolute()))
        return in_numbers(ask, relation, pack, as_of, overrides, persons=persons, members=members, seconds=seconds, dialect=SPARK)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


def _failed(master: str, error: BaseException) -> Problem:
    return SPARK_FAILED(master=master, why=_first_line(error))
