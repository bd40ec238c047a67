"""Tables: every answer of the library."""

from __future__ import annotations

import datetime
import html
import json
import weakref
from collections.abc import Iterator
from ctypes import byref, c_size_t, c_void_p
from typing import TYPE_CHECKING, Any, Dict, List, Union

from cckpi import _arrow, _instants, _library

if TYPE_CHECKING:
    import pandas
    import polars

#: What a cell holds; None where there is no value.
Value = Union[int, float, bool, str, datetime.datetime, List[str], List[int],
              None]

#: A row as a dict.
Row = Dict[str, Any]


class Table:
    """Rows of named, typed columns. Immutable, and independent of the engine
    that made it.

    A table is handed to pyarrow, polars, pandas or DuckDB without a copy, as
    it has the Arrow PyCapsule interface (``pyarrow.table(table)``,
    ``polars.DataFrame(table)``). :meth:`to_pandas` and :meth:`to_polars` do
    the same in one word, :meth:`rows` gives plain dicts, and
    ``table["value"]`` one column as a list.
    """

    def __init__(self, handle: c_void_p) -> None:
        self._handle = handle
        weakref.finalize(self, _library.function('table_destroy'), handle)
        count = _library.function('table_column_count')(handle)
        self._rows: int = _library.function('table_row_count')(handle)
        self._names: list[str] = []
        size = c_size_t()
        for column in range(count):
            address = _library.function('table_column_name')(
                handle, column, byref(size))
            self._names.append(_library.text_at(address, size.value))

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(self._names)

    def __len__(self) -> int:
        return self._rows

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows())

    def __getitem__(self, name: str) -> list[Value]:
        """A column as a list; None where a row has no value. A table without
        rows has no values under any name."""
        if self._rows == 0:
            return []
        try:
            column = self._names.index(name)
        except ValueError:
            raise KeyError(name) from None
        values = self._values(column)
        valid = self._valid(column)
        if valid is None:
            return values
        return [value if is_valid else None
                for value, is_valid in zip(values, valid)]

    def rows(self) -> list[Row]:
        """The rows as dicts of native values: integers exact, instants as
        datetimes in UTC."""
        columns = [self[name] for name in self._names]
        return [dict(zip(self._names, cells)) for cells in zip(*columns)]

    def to_json(self) -> str:
        """The table as JSON."""
        return self._render(_library.RENDER_JSON)

    def to_json_lines(self) -> str:
        """A JSON object a line for each row. Transitions, notifications and
        alerts are the lines that ``cckpi alerts`` prints."""
        return self._render(_library.RENDER_JSON_LINES)

    def to_csv(self) -> str:
        """The table as CSV with a header."""
        return self._render(_library.RENDER_CSV)

    def __str__(self) -> str:
        """The table for people: aligned columns, 100 wide."""
        return self._render(_library.RENDER_TEXT)

    def __repr__(self) -> str:
        return (f'<cckpi.{type(self).__name__}: {self._rows} rows, '
                f'{len(self._names)} columns>')

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return f'<pre>{html.escape(str(self))}</pre>'

    def to_pandas(self) -> pandas.DataFrame:
        """The table as a pandas data frame. Integers stay integers: a column
        with missing ones has the type ``Int64``. Instants are
        ``datetime64[ns, UTC]`` or finer grained as pandas has it."""
        import pandas  # pylint: disable=import-outside-toplevel

        frame: pandas.DataFrame = pandas.DataFrame({
            name: self._series(pandas, column)
            for column, name in enumerate(self._names)})
        return frame

    def to_polars(self) -> polars.DataFrame:
        """The table as a polars data frame, without a copy where polars needs
        none."""
        import polars  # pylint: disable=import-outside-toplevel

        return polars.DataFrame(self)

    def __arrow_c_schema__(self) -> object:
        return _arrow.export_schema(self._handle)

    def __arrow_c_array__(self, requested_schema: object | None = None
                          ) -> tuple[object, object]:
        return _arrow.export_array(self._handle)

    def __arrow_c_stream__(self, requested_schema: object | None = None
                           ) -> object:
        return _arrow.export_stream(self._handle)

    def _render(self, format_: int) -> str:
        buffer = c_void_p()
        _library.call('table_render', self._handle, format_, byref(buffer))
        return _library.bytes_of(buffer).decode()

    def _type(self, column: int) -> int:
        result: int = _library.function('table_column_type')(
            self._handle, column)
        return result

    def _data(self, kind: str, column: int) -> int | None:
        result: int | None = _library.function(f'table_{kind}_data')(
            self._handle, column)
        return result

    def _valid(self, column: int) -> list[bool] | None:
        bits = self._data('validity', column)
        if not bits:
            return None
        octets = _library.bytes_at(bits, (self._rows + 7) // 8)
        return [bool(octets[row >> 3] >> (row & 7) & 1)
                for row in range(self._rows)]

    def _values(self, column: int) -> list[Any]:
        """The cells; those without a value hold anything."""
        kind, count = self._type(column), self._rows
        if kind == _library.TYPE_INT64:
            return _library.int64s_at(self._data('int64', column), count)
        if kind == _library.TYPE_TIME:
            valid = self._valid(column)
            return [_instants.to_datetime(at_us)
                    if valid is None or valid[row] else None
                    for row, at_us in enumerate(_library.int64s_at(
                        self._data('int64', column), count))]
        if kind == _library.TYPE_FLOAT64:
            return _library.float64s_at(self._data('float64', column), count)
        if kind == _library.TYPE_BOOL:
            return [bool(octet) for octet in _library.bytes_at(
                self._data('bool', column), count)]
        if kind == _library.TYPE_INT128:
            octets = _library.bytes_at(self._data('int128', column),
                                       16 * count)
            return [int.from_bytes(octets[at:at + 16], 'little', signed=True)
                    for at in range(0, 16 * count, 16)]
        if kind in (_library.TYPE_TEXT_LIST, _library.TYPE_INT64_LIST):
            return [self._list(kind, column, row) for row in range(count)]
        if count == 0:
            return []
        offsets_at = c_void_p()
        data = _library.function('table_text_data')(
            self._handle, column, byref(offsets_at))
        offsets = _library.int32s_at(offsets_at.value, count + 1)
        text = _library.bytes_at(data, offsets[-1])
        return [text[begin:end].decode()
                for begin, end in zip(offsets, offsets[1:])]

    def _list(self, kind: int, column: int, row: int) -> list[Any]:
        cell = (self._handle, column, row)
        items = range(_library.function('table_list_size')(*cell))
        if kind == _library.TYPE_INT64_LIST:
            get = _library.function('table_list_int64')
            return [get(*cell, item) for item in items]
        get, size = _library.function('table_list_text'), c_size_t()
        return [_library.text_at(get(*cell, item, byref(size)), size.value)
                for item in items]

    def _series(self, pandas: Any, column: int) -> Any:
        values = self[self._names[column]]
        kind = self._type(column)
        missing = any(value is None for value in values)
        if kind == _library.TYPE_INT64:
            return pandas.Series(values, dtype='Int64' if missing else 'int64')
        if kind == _library.TYPE_FLOAT64:
            return pandas.Series(values, dtype='float64')
        if kind == _library.TYPE_BOOL:
            return pandas.Series(values,
                                 dtype='boolean' if missing else 'bool')
        if kind == _library.TYPE_TIME:
            return pandas.to_datetime(pandas.Series(values, dtype=object),
                                      utc=True)
        return pandas.Series(values, dtype=object)


class GroupedTable(Table):
    """A table whose rows belong to groups: :meth:`rows` has the dimensions of
    each row as the dict ``group``."""

    def rows(self) -> list[Row]:
        """The rows as dicts of native values; ``group`` is a dict of the row's
        dimensions, None where one has no value."""
        rows = super().rows()
        if not rows:
            return rows
        # `by` and the dimensions after it become `group`.
        named = [_dimensions(str(by or ''), self._names) for by in self['by']]
        dimensions = {name for names in named for name in names}
        grouped = []
        for row, names in zip(rows, named):
            native: Row = {}
            for name, value in row.items():
                if name == 'by':
                    native['group'] = {one: row[one] for one in names}
                elif name not in dimensions:
                    native[name] = value
            grouped.append(native)
        return grouped


def _dimensions(by: str, columns: list[str]) -> list[str]:
    """The dimensions that `by` names, separated by blanks; the name of a tag
    may hold blanks itself."""
    names: list[str] = []
    name = ''
    for word in by.split(' ') if by else ():
        name = f'{name} {word}' if name else word
        if name in columns:
            names.append(name)
            name = ''
    return names


class Report(Table):
    """The answer to a query: a row per KPI, window and group that has data,
    ordered by KPI, begin and group.

    The columns are the union of what the KPIs have; :meth:`rows` gives each
    row what belongs to it, as docs/kpis.md describes it.
    """

    def rows(self) -> list[Row]:
        """The rows as dicts.

        ``begin`` and ``end`` are datetimes in UTC, ``group`` is a dict of the
        row's dimensions (None where one has no value), ``value`` a float or
        None. Exact integers stay as they are (``count``, ``sum_us``,
        ``met``); beside each span ``NAME_us`` there is ``NAME`` as a
        timedelta.
        """
        return [_native(row) for row in json.loads(self.to_json())['rows']]

    def document(self) -> dict[str, Any]:
        """The report as the object that ``cckpi report --format json``
        prints, read."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document


_LONGEST = datetime.timedelta.max // datetime.timedelta(microseconds=1)


def _native(row: Row) -> Row:
    result: Row = {}
    for name, value in row.items():
        if name in ('begin', 'end'):
            value = _instants.to_datetime(_instants.microseconds(value))
        elif name == 'value' and value is not None:
            value = float(value)
        result[name] = value
        if (name.endswith('_us') and isinstance(value, int)
                and abs(value) <= _LONGEST):
            result.setdefault(name[:-3],
                              datetime.timedelta(microseconds=value))
    return result


def read(name: str, *arguments: Any) -> Table:
    """Calls a function that gives a table, and wraps it."""
    handle = c_void_p()
    _library.call(name, *arguments, byref(handle))
    return Table(handle)


