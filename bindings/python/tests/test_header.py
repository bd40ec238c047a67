"""The declarations of cckpi/_library.py are those of cckpi.h."""

from __future__ import annotations

import ctypes
import pathlib
import re
from typing import Any

import pytest
from pycparser import c_ast, c_parser

from cckpi import _errors, _library

HEADER = (pathlib.Path(__file__).parents[3] / 'capi' / 'include'
          / 'cckpi.h')

_TYPEDEFS = ''.join(
    f'typedef {base} {name};\n' for name, base in {
        'size_t': 'unsigned long', 'uint8_t': 'unsigned char',
        'int8_t': 'signed char', 'int32_t': 'int', 'uint32_t': 'unsigned int',
        'int64_t': 'long', 'uint64_t': 'unsigned long'}.items())


def header_text() -> str:
    text = HEADER.read_text('utf-8')
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.S)
    text = re.sub(r'^\s*#(?:.*\\\n)*.*$', '', text, flags=re.M)
    text = re.sub(r'extern "C" \{', '', text)
    text = text.replace('CCKPI_API', '')
    # The brace that closes extern "C".
    before, brace, after = text.rpartition('}')
    return _TYPEDEFS + (before + after if after.strip() == '' else text)


TREE = c_parser.CParser().parse(header_text())
STRUCTS: dict[str, Any] = {}
FUNCTIONS: dict[str, Any] = {}
ALIASES: dict[str, Any] = {}
CONSTANTS: dict[str, int] = {}
for node in TREE.ext:
    if isinstance(node, c_ast.Typedef):
        ALIASES[node.name] = node.type
        inner = node.type.type
        if isinstance(inner, c_ast.Struct) and inner.decls:
            STRUCTS[node.name] = inner
    elif isinstance(node.type, c_ast.FuncDecl):
        FUNCTIONS[node.name] = node.type
    elif isinstance(node.type, c_ast.Struct) and node.type.decls:
        STRUCTS[node.type.name] = node.type
    elif isinstance(node.type, c_ast.Enum) and node.type.values:
        for value in node.type.values.enumerators:
            CONSTANTS[value.name] = int(value.value.value)

_SCALARS = {
    'int': ctypes.c_int32, 'unsigned int': ctypes.c_uint32,
    'long': ctypes.c_int64, 'unsigned long': ctypes.c_uint64,
    'unsigned char': ctypes.c_uint8, 'double': ctypes.c_double}
_KNOWN_STRUCTS: dict[str, Any] = {
    'cckpi_text': _library.Text, 'ArrowSchema': _library.ArrowSchema,
    'ArrowArray': _library.ArrowArray,
    'ArrowArrayStream': _library.ArrowArrayStream,
    **{'cckpi_' + re.sub(r'(?<!^)(?=[A-Z])', '_', cls.__name__).lower(): cls
       for cls in _library._Sized.__subclasses__()}}


def pointee(node: Any) -> str | None:
    """"*" and the name of what a pointer points to; None: no pointer."""
    if not isinstance(node, (c_ast.PtrDecl, c_ast.ArrayDecl)):
        return None
    inner = node.type
    if isinstance(inner, c_ast.PtrDecl):
        return '*' + (pointee(inner) or '')
    if isinstance(inner, c_ast.FuncDecl):
        return '*function'
    if isinstance(inner.type, c_ast.Struct):
        return f'*{inner.type.name}'
    return '*' + ' '.join(str(name) for name in inner.type.names)


def scalar(node: Any) -> Any:
    names = ' '.join(node.type.names)
    while names in ALIASES:
        names = ' '.join(ALIASES[names].type.names)
    return _SCALARS[names]


def same(declared: Any, node: Any) -> bool:
    """Is the type of ctypes that of the header?"""
    points_to = pointee(node)
    if points_to is None:
        if isinstance(node.type, c_ast.IdentifierType):
            name = node.type.names[0]
            if name == 'void':
                return declared is None
            if name in _KNOWN_STRUCTS:
                return declared is _KNOWN_STRUCTS[name]
        return declared is scalar(node)
    if declared in (ctypes.c_void_p, ctypes.c_char_p):
        # An address, of a handle, of bytes, of a struct of Arrow.
        return declared is ctypes.c_void_p or points_to == '*char'
    inner = declared._type_
    if inner is ctypes.c_void_p:
        return points_to.startswith('**')
    name = points_to[1:]
    if name in _KNOWN_STRUCTS:
        return inner is _KNOWN_STRUCTS[name]
    while name in ALIASES:
        name = ' '.join(ALIASES[name].type.names)
    return inner is _SCALARS[name]


@pytest.mark.parametrize('name', _library.PROTOTYPES)
def test_function(name: str) -> None:
    result, arguments = _library.PROTOTYPES[name]
    function = FUNCTIONS['cckpi_' + name]
    parameters = [parameter for parameter in
                  (function.args.params if function.args else [])
                  if getattr(parameter.type, 'type', None) is None
                  or pointee(parameter.type) is not None
                  or parameter.type.type.names != ['void']]
    assert len(arguments) == len(parameters)
    assert same(result, function.type)
    for declared, parameter in zip(arguments, parameters):
        assert same(declared, parameter.type), parameter.name


@pytest.mark.parametrize('name', _KNOWN_STRUCTS)
def test_struct(name: str) -> None:
    declared = _KNOWN_STRUCTS[name]._fields_
    fields = STRUCTS[name].decls
    assert [field[0] for field in declared] == [field.name
                                                for field in fields]
    for field, node in zip(declared, fields):
        assert same(field[1], node.type), node.name


def test_constants() -> None:
    for code in _errors.Code:
        assert CONSTANTS['CCKPI_' + code.name] == code
    for name in ('INT64', 'FLOAT64', 'BOOL', 'TEXT', 'TIME', 'INT128',
                 'TEXT_LIST', 'INT64_LIST'):
        assert CONSTANTS['CCKPI_TYPE_' + name] == getattr(_library,
                                                          'TYPE_' + name)
    for name in ('JSON', 'CSV', 'TEXT', 'JSON_LINES'):
        assert CONSTANTS['CCKPI_RENDER_' + name] == getattr(_library,
                                                            'RENDER_' + name)
    assert _library.LOG_FORMATS == {
        'auto': CONSTANTS['CCKPI_LOG_AUTO'],
        'jsonl': CONSTANTS['CCKPI_LOG_JSON_LINES'],
        'csv': CONSTANTS['CCKPI_LOG_CSV']}
    assert _library.FREQUENCIES == {
        'all': CONSTANTS['CCKPI_EVERY_ALL'],
        '15m': CONSTANTS['CCKPI_EVERY_15_MINUTES'],
        'hour': CONSTANTS['CCKPI_EVERY_HOUR'],
        'day': CONSTANTS['CCKPI_EVERY_DAY'],
        'week': CONSTANTS['CCKPI_EVERY_WEEK'],
        'month': CONSTANTS['CCKPI_EVERY_MONTH']}
    for name in ('QUERY_BY', 'ENGINE_SHARD', 'ENGINE_KEEP_FOR_HTML',
                 'SCORECARD_CURRENT', 'RULE_MUTED', 'RULE_INHIBITED'):
        assert getattr(_library, name) == CONSTANTS['CCKPI_' + name]
