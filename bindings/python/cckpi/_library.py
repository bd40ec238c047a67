"""The C interface: the library, its structs and functions, through ctypes.

cckpi.h is the reference; tests/test_header.py compares every struct, constant
and function of this file with it. ctypes releases the GIL for the time of each
call. Nothing here is public.
"""

from __future__ import annotations

import ctypes
import os
import pathlib
import sys
from ctypes import (POINTER, Structure, c_char, c_char_p, c_double, c_int32,
                    c_int64, c_size_t, c_uint8, c_uint32, c_uint64, c_void_p)
from collections.abc import Iterable
from typing import Any, TypeVar

from cckpi import _errors

# The number of the binary interface that this file is written for.
ABI = 1

NO_TIME = -(1 << 63)
NO_VALUE = NO_TIME
NEVER = (1 << 63) - 1
NO_COLUMN = c_size_t(-1).value

TYPE_INT64 = 1
TYPE_FLOAT64 = 2
TYPE_BOOL = 3
TYPE_TEXT = 4
TYPE_TIME = 5
TYPE_INT128 = 6
TYPE_TEXT_LIST = 7
TYPE_INT64_LIST = 8

RENDER_JSON = 0
RENDER_CSV = 1
RENDER_TEXT = 2
RENDER_JSON_LINES = 3

LOG_FORMATS = {'auto': 0, 'jsonl': 1, 'csv': 2}
FREQUENCIES = {'all': 0, '15m': 1, 'hour': 2, 'day': 3, 'week': 4, 'month': 5}
QUERY_BY = 1
ENGINE_SHARD = 1
ENGINE_KEEP_FOR_HTML = 2
SCORECARD_CURRENT = 1
RULE_MUTED = 1
RULE_INHIBITED = 2


class Text(Structure):
    """cckpi_text; `data` as an address, so that its owner is kept apart."""

    _fields_ = [('data', c_void_p), ('size', c_size_t)]


_S = TypeVar('_S', bound='_Sized')


class _Sized(Structure):
    """A struct that begins with struct_size and flags."""

    def __init__(self, **values: Any) -> None:
        super().__init__(struct_size=ctypes.sizeof(self), **values)

    def keep(self: _S, *owners: object) -> _S:
        """Keeps what the struct points to alive as long as the struct."""
        self._owners = owners
        return self


class EngineOptions(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('explain', Text)]


class IngestOptions(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('source', Text), ('rows', POINTER(c_int64)),
                ('row_count', c_size_t)]


class LogOptions(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('source', Text), ('mapping', c_void_p), ('format', c_int32),
                ('reserved', c_int32)]


class IngestResult(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('accepted', c_int64), ('late', c_int64),
                ('refused', c_int64), ('exhausted', c_int64)]


class Query(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('kpis', POINTER(Text)), ('kpi_count', c_size_t),
                ('by', POINTER(Text)), ('by_count', c_size_t),
                ('every', c_int32), ('max_rows', c_int32),
                ('begin_us', c_int64), ('end_us', c_int64),
                ('where_names', POINTER(Text)),
                ('where_values', POINTER(Text)), ('where_count', c_size_t)]


class ScorecardQuery(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('scorecards', POINTER(Text)), ('scorecard_count', c_size_t),
                ('every', c_int32), ('reserved', c_int32),
                ('begin_us', c_int64), ('end_us', c_int64)]


class HtmlOptions(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('title', Text), ('chart_library', Text),
                ('chart_library_sha256', Text), ('chart_notice', Text),
                ('max_groups', c_size_t)]


class SnapshotOptions(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('position_names', POINTER(Text)),
                ('positions', POINTER(Text)), ('position_count', c_size_t),
                ('section_names', POINTER(Text)),
                ('sections', POINTER(Text)), ('section_count', c_size_t)]


class EventCounts(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('applied', c_int64), ('duplicate', c_int64),
                ('late', c_int64), ('refused', c_int64)]


class EngineSizes(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('interactions', c_uint64), ('pending_events', c_uint64),
                ('cells', c_uint64), ('timers', c_uint64),
                ('bytes_per_interaction', c_uint64)]


class RuleReading(_Sized):
    _fields_ = [('struct_size', c_uint32), ('flags', c_uint32),
                ('now_us', c_int64), ('value_micro', c_int64),
                ('value_denominator', c_int64), ('observations', c_int64),
                ('burn_long_micro', POINTER(c_int64)),
                ('burn_short_micro', POINTER(c_int64)),
                ('burn_observations', POINTER(c_int64)),
                ('burn_count', c_size_t)]


class ArrowSchema(Structure):
    _fields_ = [('format', c_char_p), ('name', c_char_p),
                ('metadata', c_char_p), ('flags', c_int64),
                ('n_children', c_int64), ('children', c_void_p),
                ('dictionary', c_void_p), ('release', c_void_p),
                ('private_data', c_void_p)]


class ArrowArray(Structure):
    _fields_ = [('length', c_int64), ('null_count', c_int64),
                ('offset', c_int64), ('n_buffers', c_int64),
                ('n_children', c_int64), ('buffers', c_void_p),
                ('children', c_void_p), ('dictionary', c_void_p),
                ('release', c_void_p), ('private_data', c_void_p)]


class ArrowArrayStream(Structure):
    _fields_ = [('get_schema', c_void_p), ('get_next', c_void_p),
                ('get_last_error', c_void_p), ('release', c_void_p),
                ('private_data', c_void_p)]


# Handles are addresses. A function that takes a cckpi_error** as its last
# parameter is called through `call`, which turns it into an exception.
_H = c_void_p
_OUT = POINTER(c_void_p)
_SIZE = POINTER(c_size_t)
_INT64 = POINTER(c_int64)

PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    'library_version': (c_char_p, []),
    'library_abi': (c_int32, []),
    'error_code': (c_int32, [_H]),
    'error_message': (c_void_p, [_H, _SIZE]),
    'error_path': (c_void_p, [_H, _SIZE]),
    'error_row': (c_int64, [_H]),
    'error_destroy': (None, [_H]),
    'buffer_data': (c_void_p, [_H]),
    'buffer_size': (c_size_t, [_H]),
    'buffer_destroy': (None, [_H]),
    'time_parse': (c_int32, [c_char_p, c_size_t, POINTER(c_int64), _OUT]),
    'config_create': (c_int32, [c_char_p, c_size_t, _OUT, _OUT]),
    'config_destroy': (None, [_H]),
    'config_due_reports': (c_int32, [_H, c_int64, c_int64, _OUT, _OUT]),
    'config_business_time': (c_int32, [
        _H, c_char_p, c_size_t, c_int64, c_int64, _INT64, _OUT]),
    'config_deadline': (c_int32, [
        _H, c_char_p, c_size_t, c_int64, c_int64, _INT64, _OUT]),
    'config_test_alerts': (c_int32, [
        _H, c_char_p, c_size_t, _OUT, _INT64, _INT64, _OUT]),
    'mapping_create': (c_int32, [c_char_p, c_size_t, _OUT, _OUT]),
    'mapping_destroy': (None, [_H]),
    'catalogue_kpis': (c_int32, [_OUT, _OUT]),
    'catalogue_options': (c_int32, [_OUT, _OUT]),
    'engine_create': (c_int32, [_H, POINTER(EngineOptions), _OUT, _OUT]),
    'engine_destroy': (None, [_H]),
    'engine_ingest_arrow': (c_int32, [
        _H, c_void_p, c_void_p, POINTER(IngestOptions), POINTER(c_uint8),
        POINTER(IngestResult), _OUT, _OUT]),
    'engine_ingest_arrow_stream': (c_int32, [
        _H, c_void_p, POINTER(IngestOptions), POINTER(IngestResult), _OUT,
        _OUT]),
    'engine_ingest_log': (c_int32, [
        _H, c_void_p, c_size_t, POINTER(LogOptions), POINTER(IngestResult),
        _OUT, _OUT]),
    'engine_advance': (c_int32, [_H, c_int64, _OUT]),
    'engine_finish': (c_int32, [_H, _OUT]),
    'engine_query': (c_int32, [_H, POINTER(Query), _OUT, _OUT]),
    'engine_explain': (c_int32, [_H, POINTER(Query), _OUT, _OUT]),
    'engine_first': (c_int64, [_H]),
    'engine_watermark': (c_int64, [_H]),
    'engine_now': (c_int64, [_H]),
    'engine_counts': (c_int32, [_H, POINTER(EventCounts), _OUT]),
    'engine_refusals': (c_int32, [_H, _OUT, _OUT]),
    'engine_distributions': (c_int32, [_H, POINTER(Query), _OUT, _OUT]),
    'engine_memory_bytes': (c_uint64, [_H]),
    'engine_save': (c_int32, [_H, POINTER(SnapshotOptions), _OUT, _OUT]),
    'engine_restore': (c_int32, [
        _H, POINTER(EngineOptions), c_char_p, c_size_t, _OUT, _OUT]),
    'engine_position': (c_void_p, [_H, c_char_p, c_size_t, _SIZE]),
    'engine_section': (c_void_p, [_H, c_char_p, c_size_t, _SIZE]),
    'engine_saved': (c_int32, [_H, _OUT, _OUT]),
    'engine_merge': (c_int32, [_H, _H, _OUT]),
    'engine_join': (c_int32, [_H, _OUT]),
    'engine_measure': (c_int32, [_H, POINTER(EngineSizes), _OUT]),
    'engine_scorecards_render': (c_int32, [
        _H, POINTER(ScorecardQuery), c_int32, _OUT, _OUT]),
    'engine_scheduled_report': (c_int32, [
        _H, c_char_p, c_size_t, c_int64, c_int64, _OUT, _OUT, _OUT, _OUT]),
    'engine_longest_waits': (c_int32, [
        _H, POINTER(Text), POINTER(Text), c_size_t, c_size_t, _OUT, _OUT]),
    'engine_scorecards': (c_int32, [
        _H, POINTER(ScorecardQuery), _OUT, _OUT, _OUT]),
    'engine_html': (c_int32, [
        _H, POINTER(Query), POINTER(HtmlOptions), _OUT, _OUT]),
    'engine_next_timer': (c_int64, [_H]),
    'monitor_create': (c_int32, [_H, _OUT, _OUT]),
    'monitor_destroy': (None, [_H]),
    'monitor_tick': (c_int32, [_H, _H, c_int64, _OUT, _OUT, _OUT]),
    'monitor_acknowledge': (c_int32, [
        _H, c_char_p, c_size_t, c_char_p, c_size_t, c_int64, _OUT]),
    'monitor_alerts': (c_int32, [_H, _OUT, _OUT]),
    'monitor_last_tick': (c_int64, [_H]),
    'monitor_next_change': (c_int64, [_H, _H]),
    'monitor_skip': (c_int32, [_H, c_int64, _OUT]),
    'monitor_save': (c_int32, [_H, _OUT, _OUT]),
    'monitor_restore': (c_int32, [_H, c_char_p, c_size_t, _OUT]),
    'rule_create': (c_int32, [_H, c_char_p, c_size_t, _OUT, _OUT]),
    'rule_destroy': (None, [_H]),
    'rule_tick': (c_int32, [_H, POINTER(RuleReading), _OUT, _OUT, _OUT]),
    'rule_acknowledge': (c_int32, [_H, c_char_p, c_size_t, c_int64, _OUT]),
    'rule_alert': (c_int32, [_H, _OUT, _OUT]),
    'rule_save': (c_int32, [_H, _OUT, _OUT]),
    'rule_restore': (c_int32, [_H, c_char_p, c_size_t, _OUT]),
    'table_destroy': (None, [_H]),
    'table_row_count': (c_size_t, [_H]),
    'table_column_count': (c_size_t, [_H]),
    'table_column_name': (c_void_p, [_H, c_size_t, _SIZE]),
    'table_column_type': (c_int32, [_H, c_size_t]),
    'table_list_size': (c_size_t, [_H, c_size_t, c_size_t]),
    'table_list_text': (c_void_p, [_H, c_size_t, c_size_t, c_size_t, _SIZE]),
    'table_list_int64': (c_int64, [_H, c_size_t, c_size_t, c_size_t]),
    'table_int64_data': (c_void_p, [_H, c_size_t]),
    'table_float64_data': (c_void_p, [_H, c_size_t]),
    'table_bool_data': (c_void_p, [_H, c_size_t]),
    'table_int128_data': (c_void_p, [_H, c_size_t]),
    'table_text_data': (c_void_p, [_H, c_size_t, POINTER(c_void_p)]),
    'table_validity_data': (c_void_p, [_H, c_size_t]),
    'table_export_arrow': (c_int32, [
        _H, POINTER(ArrowSchema), POINTER(ArrowArray), _OUT]),
    'table_export_arrow_stream': (c_int32, [
        _H, POINTER(ArrowArrayStream), _OUT]),
    'table_render': (c_int32, [_H, c_int32, _OUT, _OUT]),
}


def _path() -> str:
    """Where the library is: $CCKPI_LIBRARY, or beside this file."""
    override = os.environ.get('CCKPI_LIBRARY')
    if override:
        return override
    name = {'darwin': 'libcckpi.dylib', 'win32': 'cckpi.dll'}.get(
        sys.platform, 'libcckpi.so')
    return str(pathlib.Path(__file__).with_name(name))


def _load() -> ctypes.CDLL:
    path = _path()
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise ImportError(f'the library of cckpi cannot be loaded from {path}: '
                          f'{error}') from error
    for name, (result, arguments) in PROTOTYPES.items():
        function = getattr(library, 'cckpi_' + name)
        function.restype = result
        function.argtypes = arguments
    if library.cckpi_library_abi() != ABI:
        raise ImportError(
            f'{path} has the binary interface {library.cckpi_library_abi()}, '
            f'and this package is for {ABI}')
    return library


_LIBRARY = _load()


def function(name: str) -> Any:
    """The function cckpi_<name>."""
    return getattr(_LIBRARY, 'cckpi_' + name)


def text_at(address: int | None, size: int) -> str:
    """A text of the library."""
    if not address or not size:
        return ''
    return ctypes.string_at(address, size).decode('utf-8', 'replace')


def _raise(code: int, error: c_void_p,
           finer: type[_errors.Error] | None) -> None:
    message, path, row = '', '', 0
    if error:
        size = c_size_t()
        address = _LIBRARY.cckpi_error_message(error, ctypes.byref(size))
        message = text_at(address, size.value)
        address = _LIBRARY.cckpi_error_path(error, ctypes.byref(size))
        path = text_at(address, size.value)
        row = _LIBRARY.cckpi_error_row(error)
        _LIBRARY.cckpi_error_destroy(error)
    try:
        known = _errors.Code(code)
    except ValueError:
        known = _errors.Code.UNKNOWN
    cls = _errors.CLASSES.get(code, _errors.Error)
    if finer is not None and issubclass(finer, cls):
        cls = finer
    raise cls(message or known.name, known, path, row or None)


def call(name: str, *arguments: Any,
         raises: type[_errors.Error] | None = None) -> None:
    """Calls cckpi_<name>, whose last parameter is a cckpi_error**.

    A failure is raised, as `raises` where that is a finer class of its code.
    """
    error = c_void_p()
    code = getattr(_LIBRARY, 'cckpi_' + name)(*arguments, ctypes.byref(error))
    if code != 0:
        _raise(code, error, raises)


def _encoded(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    if not isinstance(text, str):
        raise TypeError(f'a text is expected, not {type(text).__name__}')
    return text.encode('utf-8', 'surrogatepass')


class Texts:
    """Texts, or bytes, as an array of cckpi_text, with what it points to."""

    def __init__(self, texts: Iterable[str | bytes]) -> None:
        self._owned = [_encoded(text) for text in texts]
        self.count = len(self._owned)
        self.array = (Text * self.count)(
            *(Text(ctypes.cast(c_char_p(text), c_void_p).value, len(text))
              for text in self._owned))

    @property
    def pointer(self) -> Any:
        """Lives as long as this object."""
        return ctypes.cast(self.array, POINTER(Text))


class OneText(Texts):
    """One text, as a cckpi_text."""

    def __init__(self, text: str) -> None:
        super().__init__([text])

    @property
    def text(self) -> Text:
        """Lives as long as this object."""
        return self.array[0]


def bytes_of(buffer: c_void_p) -> bytes:
    """The bytes of a cckpi_buffer, which is destroyed."""
    try:
        size = _LIBRARY.cckpi_buffer_size(buffer)
        return ctypes.string_at(_LIBRARY.cckpi_buffer_data(buffer), size)
    finally:
        _LIBRARY.cckpi_buffer_destroy(buffer)


def int64s_at(address: int | None, count: int) -> list[int]:
    if not address:
        return []
    return list((c_int64 * count).from_address(address))


def int32s_at(address: int | None, count: int) -> list[int]:
    if not address:
        return []
    return list((c_int32 * count).from_address(address))


def float64s_at(address: int | None, count: int) -> list[float]:
    if not address:
        return []
    return list((c_double * count).from_address(address))


def bytes_at(address: int | None, count: int) -> bytes:
    if not address:
        return b''
    return bytes((c_char * count).from_address(address).raw)
