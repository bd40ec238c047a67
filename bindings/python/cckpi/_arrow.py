"""The Arrow PyCapsule interface, in both directions, without a copy.

A capsule holds the address of a struct of the Arrow C Data Interface. Who
takes it moves the struct out and sets `release` to NULL; what nobody took is
released when the capsule goes.
"""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_void_p, py_object
from typing import Any, Protocol, runtime_checkable

from cckpi import _library


@runtime_checkable
class ArrowStreamExportable(Protocol):
    """Anything that gives a stream of Arrow record batches: a pyarrow table or
    reader, a polars or pandas data frame, a DuckDB result."""

    def __arrow_c_stream__(self, requested_schema: object | None = None
                           ) -> object:
        ...


@runtime_checkable
class ArrowArrayExportable(Protocol):
    """Anything that gives one Arrow record batch."""

    def __arrow_c_array__(self, requested_schema: object | None = None
                          ) -> tuple[object, object]:
        ...


_SCHEMA = b'arrow_schema'
_ARRAY = b'arrow_array'
_STREAM = b'arrow_array_stream'

_new = ctypes.pythonapi.PyCapsule_New
_new.restype = py_object
_new.argtypes = [c_void_p, c_char_p, c_void_p]
_get = ctypes.pythonapi.PyCapsule_GetPointer
_get.restype = c_void_p
_get.argtypes = [py_object, c_char_p]
# The same for a capsule that is being freed: an address, as no reference to it
# may be made any more.
_get_dying = ctypes.PYFUNCTYPE(c_void_p, c_void_p, c_char_p)(
    ('PyCapsule_GetPointer', ctypes.pythonapi))
_Release = ctypes.CFUNCTYPE(None, c_void_p)

# Structs that a capsule points to, by their address. An entry goes with its
# capsule.
_structs: dict[int, ctypes.Structure] = {}


def _destructor(name: bytes) -> Any:
    # All names are bound, as a module may be empty when the last capsules go.
    def destroy(capsule: int, name: bytes = name, get: Any = _get_dying,
                structs: dict[int, ctypes.Structure] = _structs,
                release_type: Any = _Release) -> None:
        address = get(capsule, name)
        struct = structs.pop(address, None)
        if struct is not None and struct.release:
            release_type(struct.release)(address)

    callback = ctypes.PYFUNCTYPE(None, c_void_p)(destroy)
    # For ever: capsules may outlive this module.
    ctypes.pythonapi.Py_IncRef(py_object(callback))
    return ctypes.cast(callback, c_void_p).value


_DESTRUCTORS = {name: _destructor(name)
                for name in (_SCHEMA, _ARRAY, _STREAM)}


def _capsule(struct: ctypes.Structure, name: bytes) -> object:
    address = ctypes.addressof(struct)
    _structs[address] = struct
    try:
        return _new(address, name, _DESTRUCTORS[name])
    except BaseException:
        del _structs[address]
        raise


def export_array(table: c_void_p) -> tuple[object, object]:
    """The capsules of schema and array of a table."""
    schema, array = _library.ArrowSchema(), _library.ArrowArray()
    _library.call('table_export_arrow', table, ctypes.byref(schema),
                  ctypes.byref(array))
    # Both are owned by capsules before anything else can fail.
    return _capsule(schema, _SCHEMA), _capsule(array, _ARRAY)


def export_schema(table: c_void_p) -> object:
    """The capsule of the schema of a table."""
    schema, array = export_array(table)
    del array
    return schema


def export_stream(table: c_void_p) -> object:
    """The capsule of a stream of the table's one batch."""
    stream = _library.ArrowArrayStream()
    _library.call('table_export_arrow_stream', table, ctypes.byref(stream))
    return _capsule(stream, _STREAM)


def stream_address(capsule: object) -> int:
    """The address of the stream in a capsule, which keeps owning it."""
    address: int = _get(capsule, _STREAM)
    return address


def array_addresses(schema: object, array: object) -> tuple[int, int]:
    """The same for a schema and an array."""
    return _get(schema, _SCHEMA), _get(array, _ARRAY)
