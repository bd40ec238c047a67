"""Reading C++ sources for the checks of the house: no parser, but enough to
tell code from comments and text."""

import pathlib
import re

_TOKEN = re.compile(
    r'//[^\n]*'                                # a comment to the line's end
    r'|/\*.*?\*/'                              # a block comment
    r'|R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'     # a raw string
    r'|"(?:\\.|[^"\\\n])*"'                    # a string
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'",   # a character, no 1'000
    re.DOTALL)


def without_comments_and_text(source: str) -> str:
    """Blanks comments and the content of literals; lines stay where they are.

    The operands of #include are text too, and are kept.
    """
    def blank(match: re.Match) -> str:
        token = match.group()
        line_start = source.rfind('\n', 0, match.start()) + 1
        if re.match(r'\s*#\s*include\b', source[line_start:match.start()]):
            return token
        return re.sub(r'[^\n]', ' ', token)
    return _TOKEN.sub(blank, source)


def includes(source: str):
    """(line number, path) of each #include, of either kind."""
    code = without_comments_and_text(source)
    for number, line in enumerate(code.split('\n'), 1):
        match = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
        if match:
            yield number, match.group(1)


def first_comment(source: str) -> list[str]:
    """The lines of the // comment that a file begins with, without //."""
    lines = []
    for line in source.split('\n'):
        if not line.startswith('//'):
            break
        lines.append(line[2:])
    return lines


def sources(root: pathlib.Path, folders, suffixes=('.h', '.cc', '.c')):
    """The files below the folders of root, in order of their names."""
    for folder in folders:
        for path in sorted((root / folder).rglob('*')):
            if path.suffix in suffixes and path.is_file():
                yield path
