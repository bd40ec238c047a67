"""Fails on words that the code does not use, each with its reason.

    check_words.py ROOT

Comments and the content of string literals are free.
"""

import pathlib
import re
import sys

from cpp_text import sources, without_comments_and_text

EVERYWHERE = ['include', 'src', 'capi', 'cli', 'tests', 'benchmarks',
              'examples']
LIBRARY = ['include', 'src', 'capi']
CORE = ['include', 'src']

PREFETCH = 'include/cckpi/base/prefetch.h'

# (pattern, folders, reason)
RULES = [
    (r'\babsl::(string_view|optional|variant|any)\b', EVERYWHERE,
     'is not std\'s with every Abseil; spell the one of std'),
    (r'\bstd::(cout|cerr|clog)\b|\b(printf|puts|fputs)\s*\(', LIBRARY,
     'a library prints nothing'),
    (r'\bthrow\b', LIBRARY, 'failures are absl::Status'),
    (r'\b(try|catch)\b', CORE, 'only the guard of the C ABI catches'),
    (r'\b(abort|exit|_exit|quick_exit|terminate)\s*\(|\bassert\s*\(', LIBRARY,
     'never ends the host'),
    (r'\b(getenv|setenv|secure_getenv)\b', LIBRARY,
     'the core reads no environment'),
    (r'\b(system_clock|steady_clock|high_resolution_clock|clock_gettime'
     r'|gettimeofday)\b|\babsl::(Now|GetCurrentTimeNanos)\b'
     r'|\b(std::|::)time\s*\(', LIBRARY,
     'time is an input'),
    (r'\bLocalTimeZone\b|\b(setlocale|std::locale)\b', LIBRARY,
     'depends on where the host runs'),
    (r'\bthread_local\b', LIBRARY, 'no state outside values'),
    (r'\bstd::(random_device|mt19937|rand)\b', LIBRARY,
     'the same events give the same bytes'),
    (r'\babsl/log/|\b(DCHECK|CHECK|LOG)\s*\(', EVERYWHERE,
     'is not in every Abseil, and a check that aborts kills the host'),
    (r'\b__builtin_prefetch\b', EVERYWHERE,
     f'GCC may leave out the call around it; see {PREFETCH}'),
    (r'#\s*include\s*<(iostream|regex|format)>', LIBRARY,
     'static constructors, slow, or not in g++ 12'),
]

# The file that a word may stand in, as it is there that it is dealt with.
AT_HOME = {PREFETCH: ['__builtin_prefetch']}


def check(root: pathlib.Path) -> list[str]:
    problems = []
    for path in sources(root, EVERYWHERE):
        name = path.relative_to(root)
        code = without_comments_and_text(path.read_text('utf-8'))
        for number, line in enumerate(code.split('\n'), 1):
            for pattern, folders, reason in RULES:
                match = re.search(pattern, line)
                if match and match.group() in AT_HOME.get(str(name), ()):
                    continue
                if match and name.parts[0] in folders:
                    problems.append(f'{name}:{number}: '
                                    f'{match.group().strip()}: {reason}')
    return problems


def main() -> int:
    problems = check(pathlib.Path(sys.argv[1]))
    print('\n'.join(problems) or 'no such word')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
