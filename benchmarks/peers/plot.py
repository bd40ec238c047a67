#!/usr/bin/env python3
"""Draws what run.py measured.

    build/peers/bin/python benchmarks/peers/plot.py

Reads benchmarks/peers/measured.csv (run.py --csv) and writes
docs/images/peers-throughput.svg (million events per second by number of
events) and docs/images/peers-bars.svg (of the greatest number). Of several
measurements of one thing the last one counts. The same file gives the same
bytes.
"""

from __future__ import annotations

import csv
import pathlib
from typing import Dict

import matplotlib

matplotlib.use('svg')

from matplotlib import pyplot  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
IMAGES = HERE.parents[1] / 'docs' / 'images'
COLOURS = {'cckpi': '#0b5cad', 'cckpi, ingest only': '#5fa8e8',
           'cckpi, Python package': '#08305c'}
OTHERS = ['#8a8a8a', '#b5651d', '#6b8e23', '#9467bd', '#c0504d']


def measured() -> Dict[str, Dict[int, float]]:
    """Engine → events → million events per second."""
    found: Dict[str, Dict[int, float]] = {}
    with open(HERE / 'measured.csv', encoding='utf-8') as file:
        for row in csv.DictReader(file):
            events = int(row['events'])
            found.setdefault(row['engine'], {})[events] = (
                events / float(row['seconds']) / 1e6)
    return found


def save(name: str) -> None:
    pyplot.tight_layout()
    pyplot.savefig(IMAGES / name, metadata={'Date': None})
    pyplot.close()


def main() -> None:
    matplotlib.rcParams.update({
        'svg.hashsalt': 'cckpi', 'svg.fonttype': 'none', 'font.size': 10,
        'axes.spines.top': False, 'axes.spines.right': False})
    rates = measured()
    others = iter(OTHERS)
    colours = {name: COLOURS.get(name) or next(others) for name in rates}

    pyplot.figure(figsize=(7, 4))
    for name, points in rates.items():
        sizes = sorted(points)
        pyplot.plot(sizes, [points[size] for size in sizes], marker='o',
                    color=colours[name], label=name,
                    linewidth=2.5 if name.startswith('cckpi') else 1.2)
    pyplot.xscale('log')
    pyplot.yscale('log')
    pyplot.xlabel('events')
    pyplot.ylabel('million events per second')
    pyplot.grid(True, which='major', linewidth=0.3)
    pyplot.legend(frameon=False, fontsize=8, loc='center left',
                  bbox_to_anchor=(1, 0.5))
    save('peers-throughput.svg')

    most = max(max(points) for points in rates.values())
    bars = sorted((points[most], name) for name, points in rates.items()
                  if most in points)
    pyplot.figure(figsize=(7, 0.5 * len(bars) + 0.8))
    pyplot.barh([name for _, name in bars], [rate for rate, _ in bars],
                color=[colours[name] for _, name in bars])
    for place, (rate, _) in enumerate(bars):
        pyplot.text(rate, place, f' {rate:.2f}', va='center')
    pyplot.xlabel(f'million events per second, {most:,} events, one core')
    save('peers-bars.svg')


if __name__ == '__main__':
    main()
