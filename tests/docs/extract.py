"""The code blocks of Markdown files, checked or written out to be compiled.

    extract.py json FILES...       parses every ```json block, and ```jsonl
                                   blocks line by line
    extract.py cpp OUTPUT FILES... writes each ```cpp block that has a main()
                                   to OUTPUT/<file>_<n>.cc, prints the paths
"""

import json
import pathlib
import re
import sys

_FENCE = re.compile(r'^```(\w*)[^\n]*\n(.*?)^```\s*$', re.MULTILINE | re.DOTALL)


def blocks(markdown: str, language: str):
    """(line number of the fence, text) of each block of a language."""
    for match in _FENCE.finditer(markdown):
        if match.group(1) == language:
            yield markdown.count('\n', 0, match.start()) + 1, match.group(2)


def check_json(files) -> int:
    count, failed = 0, 0
    for file in files:
        markdown = file.read_text('utf-8')
        found = [(line, [text]) for line, text in blocks(markdown, 'json')]
        found += [(line, text.splitlines())
                  for line, text in blocks(markdown, 'jsonl')]
        for line, documents in found:
            count += 1
            try:
                for document in documents:
                    json.loads(document)
            except ValueError as error:
                failed += 1
                print(f'{file}:{line}: {error}')
    print(f'{count - failed} of {count} JSON blocks parse')
    return 1 if failed else 0


def write_cpp(output: pathlib.Path, files) -> int:
    output.mkdir(parents=True, exist_ok=True)
    for file in files:
        number = 0
        for line, text in blocks(file.read_text('utf-8'), 'cpp'):
            if not re.search(r'\bint main\(', text):
                continue
            number += 1
            path = output / f'{file.stem.lower()}_{number}.cc'
            source = f'#line {line + 1} "{file}"\n{text}'
            # Written only when it changed, so that nothing is rebuilt.
            if not path.exists() or path.read_text('utf-8') != source:
                path.write_text(source, 'utf-8')
            print(path)
    return 0


def main() -> int:
    if sys.argv[1] == 'json':
        return check_json(map(pathlib.Path, sys.argv[2:]))
    return write_cpp(pathlib.Path(sys.argv[2]),
                     map(pathlib.Path, sys.argv[3:]))


if __name__ == '__main__':
    sys.exit(main())
