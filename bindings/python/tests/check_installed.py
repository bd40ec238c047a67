"""The installed wheel, alone in its environment: no other package is there."""

from __future__ import annotations

import importlib.util
import pathlib
import sys

import cckpi

HERE = pathlib.Path(__file__).resolve().parent


def main() -> int:
    package = pathlib.Path(cckpi.__file__)
    assert package.is_relative_to(sys.prefix), package
    for name in ('numpy', 'pandas', 'polars', 'pyarrow', 'pytest'):
        assert importlib.util.find_spec(name) is None, name
    engine = cckpi.Engine({'groups': [['channel']]})
    result = engine.ingest([
        {'at': '2026-03-02T09:00:00Z', 'kind': 'customer_message',
         'interaction': 'T-1', 'channel': 'mail'},
        {'at': '2026-03-02T09:08:32Z', 'kind': 'agent_message',
         'interaction': 'T-1'}])
    assert result.accepted == 2
    report = engine.query('first_response_time', by='channel')
    assert report['value'] == [512.0]
    assert report.rows()[0]['group'] == {'channel': 'mail'}
    assert cckpi.Engine.restore(
        engine.save(), {'groups': [['channel']]}).counts() == engine.counts()
    log = HERE.parents[2] / 'examples' / 'data' / 'support_day.jsonl'
    day = cckpi.Engine({'allowed_lateness': '1d'})
    assert day.ingest(log).accepted == 141
    day.finish()
    assert day.query('arrivals', by=())['count'] == [17]
    print(f'cckpi {cckpi.__version__} on Python '
          f'{sys.version.split()[0]}, alone: works')
    return 0


if __name__ == '__main__':
    sys.exit(main())
