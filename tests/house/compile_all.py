"""Compiles sources for their diagnostics only, one per core at a time.

    compile_all.py FOLDERS... -- COMPILER FLAGS...

Says which sources a second compiler does not take.
"""

import concurrent.futures
import os
import pathlib
import subprocess
import sys


def main() -> int:
    split = sys.argv.index('--')
    folders, command = sys.argv[1:split], sys.argv[split + 1:]
    files = [path for folder in folders
             for path in sorted(pathlib.Path(folder).rglob('*.cc'))]
    if not files:
        print('no source in', *folders)
        return 1

    def compile_one(path):
        return path, subprocess.run(
            [*command, '-fsyntax-only', str(path)], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    failed = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, result in pool.map(compile_one, files):
            if result.returncode != 0:
                failed += 1
                print(f'{path} does not compile:\n{result.stdout}')
    print(f'{len(files) - failed} of {len(files)} sources compile')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
