"""Customer care on Twitter: how fast do 25 companies answer?

A notebook of cells (Jupyter, VS Code and Spyder run them one by one), and a
program:

    python examples/python/twitter_care.py [PICTURE]
"""

# %% The log of another system, and the mapping that turns it into events.
from __future__ import annotations

import json
import pathlib
import sys

import matplotlib

matplotlib.use('Agg')
import matplotlib.pyplot as plt  # noqa: E402

import cckpi  # noqa: E402

EXAMPLES = pathlib.Path(__file__).resolve().parents[1]
LOG = EXAMPLES / 'data' / 'twitter_customer_care.csv.gz'
MAPPING = EXAMPLES / 'data' / 'twitter_customer_care.mapping.json'

# %% What to compute. The log is sorted by conversation and not by time, so
# everything may come late; nothing is final before finish().
config = json.loads((EXAMPLES / 'twitter_care.config.json').read_text('utf-8'))
config['allowed_lateness'] = '3660d'
engine = cckpi.Engine(config)

# %% All of it, in one call.
result = engine.ingest(LOG, mapping=MAPPING)
engine.finish()
print(f'{result.accepted} messages up to {engine.now:%Y-%m-%d}, '
      f'{result.refused} refused')

# %% The whole: one row per KPI, with its exact parts.
for row in engine.query(['frt', 'sl_1h', 'fcr'], by=()):
    print(f'{row["id"]:6} {row["value"]:10.3f} {row["unit"]}')

# %% By company, as a data frame. Integers stay integers.
frame = engine.query(['frt', 'frt_p50', 'frt_p90', 'sl_1h'],
                     by='source').to_pandas()
companies = frame.pivot(index='source', columns='id', values='value')
companies['answered'] = (frame[frame['id'] == 'frt']
                         .set_index('source')['count'])
companies = companies[companies['answered'] >= 10].sort_values('frt_p50')
print(companies.to_string(float_format='%.2f'))

# %% How the first answers spread: the bins behind the mean.
bins = engine.distributions('frt', by=()).to_pandas()
hours = (bins['bin_begin_us'] + bins['bin_end_us']) / 2 / 3.6e9

# %% The picture.
figure, (left, right) = plt.subplots(
    1, 2, figsize=(13, 7), width_ratios=[3, 2], layout='constrained')
figure.suptitle('First answer on Twitter, 2018–2020: '
                f'{int(frame[frame["id"] == "frt"]["count"].sum()):,} of '
                f'{engine.query("arrivals", by=())["count"][0]:,} cases',
                fontsize=15)

place = range(len(companies))
left.hlines(place, companies['frt_p50'] / 3600, companies['frt_p90'] / 3600,
            color='0.8', linewidth=4, zorder=1)
left.scatter(companies['frt_p90'] / 3600, place, color='0.6', s=30, zorder=2,
             label='nine of ten')
dots = left.scatter(companies['frt_p50'] / 3600, place, s=70, zorder=3,
                    c=companies['sl_1h'], cmap='RdYlGn', vmin=0, vmax=1,
                    edgecolors='0.3', label='every second one')
left.set_yticks(place, [f'{name}  ({count})' for name, count in
                        companies['answered'].items()])
left.invert_yaxis()
left.set_xscale('log')
left.set_xticks([1 / 60, 0.25, 1, 4, 24, 7 * 24],
                ['1 min', '15 min', '1 h', '4 h', '1 day', '1 week'])
left.minorticks_off()
left.grid(axis='x', color='0.92')
left.set_axisbelow(True)
left.set_title('Answered after at most', loc='left')
left.legend(loc='lower left', frameon=False)
figure.colorbar(dots, ax=left, location='bottom', shrink=0.6, pad=0.02,
                format=lambda share, _: f'{share:.0%}',
                label='answered within an hour')

right.hist(hours, weights=bins['count'],
           bins=[2 ** (step / 2) / 60 for step in range(-6, 29)],
           color='#4878a8')
right.set_xscale('log')
right.set_xticks([1 / 60, 0.25, 1, 4, 24, 7 * 24],
                 ['1 min', '15 min', '1 h', '4 h', '1 day', '1 week'])
right.minorticks_off()
right.axvline(1, color='0.4', linestyle=':', linewidth=1)
right.set_title('Cases by the time to their first answer', loc='left')
for axes in (left, right):
    for side in ('top', 'right', 'left'):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0)

picture = pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                       else 'twitter_care.png')
figure.savefig(picture, dpi=120)
print(f'{picture} written')
