"""Fails where the compiler leaves out calls that only prefetch.

    check_prefetch.py ROOT COMPILER
"""

import pathlib
import re
import subprocess
import sys


def main() -> int:
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]
    assembly = subprocess.run(
        [compiler, '-std=c++20', '-O2', '-S', '-o', '-', '-I',
         root / 'include', root / 'tests/house/kept_prefetch.cc'],
        check=True, capture_output=True, text=True).stdout
    calls = re.findall(r'^\s*(?:call|bl|jal)\w*\s+\S*WillWant', assembly,
                       re.MULTILINE)
    print(f'{len(calls)} calls that prefetch')
    return 0 if calls else 1


if __name__ == '__main__':
    sys.exit(main())
