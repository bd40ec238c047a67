"""Fails on files that clang-format would change.

    check_format.py ROOT CLANG_FORMAT
"""

import pathlib
import subprocess
import sys

from cpp_text import sources

FOLDERS = ['include', 'src', 'capi', 'cli', 'tests', 'benchmarks', 'examples']


def main() -> int:
    root, clang_format = pathlib.Path(sys.argv[1]), sys.argv[2]
    files = [str(path.relative_to(root)) for path in sources(root, FOLDERS)]
    result = subprocess.run([clang_format, '--dry-run', '-Werror', *files],
                            cwd=root, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, check=False)
    changed = {line.split(':')[0] for line in result.stdout.splitlines()
               if 'clang-format-violations' in line}
    for name in sorted(changed):
        print(f'{name}: run {clang_format} -i on it')
    if not changed:
        print(result.stdout, end='')
    return result.returncode


if __name__ == '__main__':
    sys.exit(main())
