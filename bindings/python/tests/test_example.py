"""examples/python runs, and says what can be counted from the raw rows."""

from __future__ import annotations

import csv
import gzip
import pathlib
import subprocess
import sys

from matplotlib import image

EXAMPLES = pathlib.Path(__file__).parents[3] / 'examples'


def test_twitter_care(tmp_path: pathlib.Path) -> None:
    picture = tmp_path / 'care.png'
    result = subprocess.run(
        [sys.executable, EXAMPLES / 'python' / 'twitter_care.py', picture],
        text=True, capture_output=True, check=False)
    assert result.stderr == ''
    assert result.returncode == 0
    log = EXAMPLES / 'data' / 'twitter_customer_care.csv.gz'
    with gzip.open(log, 'rt', encoding='utf-8', newline='') as lines:
        rows = list(csv.DictReader(lines))
    assert f'{len(rows)} messages up to 2020-04-03, 0 refused' in result.stdout
    assert 'frt     41436.673 s' in result.stdout
    pixels = image.imread(picture)
    assert pixels.shape[:2] == (840, 1560)
    # There is a picture on it: many colours, and not only at the edges.
    middle = pixels[200:600, 300:1200, :3].reshape(-1, 3)
    assert len({tuple(pixel) for pixel in (middle * 16).astype(int)}) > 50
