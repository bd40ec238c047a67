"""The package as a whole: its types, its examples, its versions."""

from __future__ import annotations

import doctest
import inspect
import pathlib
import re
import subprocess
import sys

import cckpi
import cckpi._config
import cckpi._engine

ROOT = pathlib.Path(__file__).parents[3]
BINDING = ROOT / 'bindings' / 'python'


def test_types_are_strict() -> None:
    result = subprocess.run(
        [sys.executable, '-m', 'mypy', '--no-error-summary'], cwd=BINDING,
        text=True, capture_output=True, check=False)
    assert result.stdout + result.stderr == ''
    assert result.returncode == 0


def test_examples_of_docstrings_hold() -> None:
    result = doctest.testmod(cckpi, raise_on_error=False)
    assert result.failed == 0
    assert result.attempted >= 8


def test_code_of_the_guide_runs() -> None:
    """The blocks of docs/python.md, in order, in one namespace."""
    path = ROOT / 'docs' / 'python.md'
    blocks = re.findall(r'^```pycon\n(.*?)^```$', path.read_text('utf-8'),
                        re.MULTILINE | re.DOTALL)
    test = doctest.DocTestParser().get_doctest(
        '\n'.join(blocks), {}, path.name, str(path), 0)
    result = doctest.DocTestRunner().run(test)
    assert result.failed == 0
    assert result.attempted > 20


def test_every_public_name_is_documented() -> None:
    guide = (ROOT / 'docs' / 'python.md').read_text('utf-8')
    for name in cckpi.__all__:
        item = getattr(cckpi, name)
        if inspect.isclass(item) or inspect.isfunction(item):
            assert item.__doc__, name
        assert re.search(rf'\b{name}\b', guide), name


def test_versions_agree() -> None:
    project = (BINDING / 'pyproject.toml').read_text('utf-8')
    assert f'version = "{cckpi.__version__}"' in project
    cmake = (ROOT / 'CMakeLists.txt').read_text('utf-8')
    assert f'VERSION {cckpi.__version__} ' in cmake


def test_the_package_is_marked_as_typed() -> None:
    assert (pathlib.Path(cckpi.__file__).parent / 'py.typed').exists()
