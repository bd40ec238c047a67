"""Turns a public header into a source that includes it alone and holds the
examples of its first comment.

    header_example.py HEADER INCLUDE_PATH OUTPUT

An example is a run of comment lines indented by three blanks or more that has
a line ending in `;`, `{` or `}`. One that defines something at its left
margin (a function, a class) stands at file scope; others are the body of a
function that returns absl::Status. An example sees namespace cckpi, its own
header, cckpi/base, the standard headers below, and every header that
the comment names as cckpi/module/x.h. One that begins with `{` or `[` is JSON
and is parsed.
"""

import json
import pathlib
import re
import sys

from cpp_text import first_comment

STANDARD = ['cstdio', 'fstream', 'iostream', 'map', 'memory', 'mutex',
            'optional', 'span', 'string', 'string_view', 'utility', 'vector']
ALWAYS = ['absl/status/status.h', 'absl/status/statusor.h',
          'absl/time/civil_time.h', 'absl/time/time.h',
          'cckpi/base/status_macros.h', 'cckpi/base/time.h']

_DEFINES = re.compile(
    r'^(#|class |struct |enum |template|namespace |using '
    r'|(?!(if|for|while|switch|else|do|return)\b)[\w:<>,&*\s]+\([^;]*\)'
    r'( const)? \{)', re.MULTILINE)


def examples(header: str) -> list[str]:
    """The examples in the first comment of a header, block by block."""
    blocks, block = [], []
    for line in first_comment(header) + ['end']:
        starts_code = block and block[0][:1] in '{[' and not block[-1].strip()
        if line.startswith('   ') and not (starts_code and line[3:4] != ' '):
            block.append(line[3:])
        elif block and not line.strip():
            block.append('')
        elif block:
            blocks.append('\n'.join(block).rstrip())
            block = [line[3:]] if line.startswith('   ') else []
    return [b for b in blocks
            if re.search(r'[;{}]\s*(//.*)?$', b, re.MULTILINE)
            and not re.match(r'[*\-\d|]', b)]


def source_of(header: str, include_path: str) -> str:
    """The text of the generated source."""
    lines = [f'#include "{include_path}"', '',
             '// Once more: the guard holds.', f'#include "{include_path}"']
    code = []
    for example in examples(header):
        if example[0] in '{[':
            json.loads(example)
        else:
            code.append(example)
    if code:
        named = re.findall(r'cckpi/\w+/\w+\.h', ' '.join(first_comment(header)))
        lines += [''] + [f'#include <{header}>' for header in STANDARD]
        lines += [''] + [f'#include "{header}"' for header in ALWAYS + named]
    for number, example in enumerate(code, 1):
        # One namespace each, so that examples may use the same names.
        lines += ['', f'namespace cckpi::example_{number} {{', '']
        if _DEFINES.search(example):
            lines += [example]
        else:
            indented = re.sub(r'^(?=.)', '  ', example, flags=re.MULTILINE)
            lines += ['absl::Status Example();', 'absl::Status Example() {',
                      indented, '  return absl::OkStatus();', '}']
        lines += ['', f'}}  // namespace cckpi::example_{number}']
    return '\n'.join(lines) + '\n'


def main() -> int:
    header, include_path, output = sys.argv[1:]
    text = source_of(pathlib.Path(header).read_text('utf-8'), include_path)
    output = pathlib.Path(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text, 'utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main())
