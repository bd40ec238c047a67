"""Every failure is an exception of its code, with path and row."""

from __future__ import annotations

import ctypes
import gzip
import pickle

import pytest

import cckpi


def test_a_wrong_configuration_has_path_and_problems() -> None:
    with pytest.raises(cckpi.ConfigError) as caught:
        cckpi.Engine({'kpis': [{'kpi': 'service_level', 'witin': '15m'}],
                      'agent_capacity': 0})
    error = caught.value
    assert error.code is cckpi.Code.INVALID_ARGUMENT
    assert isinstance(error, (cckpi.InvalidArgumentError, ValueError))
    assert {problem.path for problem in error.problems} == {
        'kpis[0].witin', 'agent_capacity'}
    assert error.path in ('kpis[0].witin', 'agent_capacity')
    assert error.row is None


def test_text_that_is_no_json_names_its_place() -> None:
    with pytest.raises(cckpi.ConfigError, match='line 1, column'):
        cckpi.Config('{"kpis": ')


def test_an_unknown_kpi_is_not_found() -> None:
    with pytest.raises(cckpi.NotFoundError, match='"frt"') as caught:
        cckpi.Engine().query('frt')
    assert caught.value.code is cckpi.Code.NOT_FOUND
    assert isinstance(caught.value, LookupError)


def test_a_damaged_log_names_its_row() -> None:
    log = gzip.compress(b'{"at": 1772442000000000, "kind": "customer_message",'
                        b' "interaction": "A"}\n' * 5000)
    engine = cckpi.Engine()
    with pytest.raises(cckpi.Error) as caught:
        engine.ingest(log[:len(log) - 30])
    assert caught.value.code in (cckpi.Code.INVALID_ARGUMENT,
                                 cckpi.Code.DATA_LOSS)
    assert caught.value.row is not None and caught.value.row > 1
    assert engine.counts().applied == caught.value.row - 1


@pytest.mark.parametrize('code', list(cckpi.Code))
def test_codes_are_those_of_the_library(code: cckpi.Code) -> None:
    from cckpi import _library

    name = _library._LIBRARY.cckpi_code_name
    name.restype = ctypes.c_char_p
    assert name(int(code)).decode() == code.name


def test_errors_survive_pickling() -> None:
    error = cckpi.NotFoundError('no KPI', cckpi.Code.NOT_FOUND, 'query.kpis',
                                3)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is cckpi.NotFoundError
    assert (str(again), again.code, again.path, again.row) == (
        'no KPI', cckpi.Code.NOT_FOUND, 'query.kpis', 3)
    unavailable = cckpi.UnavailableError('gone', cckpi.Code.UNAVAILABLE)
    assert str(pickle.loads(pickle.dumps(unavailable))) == 'gone'
