"""events.bin and states.bin as Arrow tables and numpy arrays."""

from __future__ import annotations

import pathlib

import numpy
import pyarrow

import common


def records(path: pathlib.Path) -> numpy.ndarray:
    return numpy.fromfile(path, dtype=numpy.dtype(common.ROW))


def arrow(path: pathlib.Path) -> pyarrow.Table:
    rows = records(path)
    return pyarrow.table({name: pyarrow.array(numpy.ascontiguousarray(
        rows[name])) for name, _ in common.ROW if name != 'unused'})
