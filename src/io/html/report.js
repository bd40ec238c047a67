// Draws the charts of a report from the JSON block beside it, makes tables
// sortable, and switches colours. Every number is in the page's tables too.
(function () {
  'use strict';

  const root = document.documentElement;
  const data = JSON.parse(document.getElementById('cckpi-data').textContent);
  const library = typeof echarts === 'undefined' ? null : echarts;

  // Colours come from the style sheet, so that charts follow the theme.
  function palette() {
    const style = getComputedStyle(root);
    const color = (name) => style.getPropertyValue('--' + name).trim();
    return {
      ink: color('ink'), soft: color('soft'), line: color('line'),
      card: color('card'), accent: color('accent'), target: color('accent-2'),
      warn: color('warn'), bad: color('bad'), good: color('good'),
      heat: [color('heat-0'), color('heat-1')],
      series: ['accent', 'accent-2', 'accent-3', 'accent-4', 'accent-5']
        .map(color),
      font: style.fontFamily,
    };
  }

  // --- text

  function trimmed(number) {
    return String(Math.round(number * 100) / 100);
  }

  // Axis labels only; the texts of values come with the data.
  function span(seconds) {
    const units = [[86400, 'd'], [3600, 'h'], [60, 'm'], [1, 's']];
    for (const [size, name] of units) {
      if (Math.abs(seconds) >= size) {
        return trimmed(seconds / size) + name;
      }
    }
    return seconds === 0 ? '0' : trimmed(seconds * 1000) + 'ms';
  }

  function axisText(unit, value) {
    if (unit === 's') return span(value);
    if (unit === 'ratio') return trimmed(value * 100) + ' %';
    if (Math.abs(value) >= 10000) return trimmed(value / 1000) + 'k';
    return trimmed(value);
  }

  // A step of an axis of time that is round in hours and minutes.
  function timeStep(most) {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600,
      7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 1728000,
      4320000];
    const step = steps.find((s) => most / s <= 5);
    return step === undefined ? Math.ceil(most / 5) : step;
  }

  // Lines of a tooltip as elements: no text is ever read as markup.
  function tip(lines) {
    const box = document.createElement('div');
    lines.forEach((line, index) => {
      const item = document.createElement('div');
      if (index === 0) item.style.fontWeight = '600';
      item.textContent = line;
      box.appendChild(item);
    });
    return box;
  }

  // --- what charts have in common

  function base(colors, more) {
    return Object.assign({
      animation: false,
      textStyle: {fontFamily: colors.font, color: colors.ink},
      grid: {left: 8, right: 16, top: 26, bottom: 4, containLabel: true},
      tooltip: {
        trigger: 'axis', confine: true, backgroundColor: colors.card,
        borderColor: colors.line, textStyle: {color: colors.ink, fontSize: 12},
      },
    }, more);
  }

  function categories(colors, labels) {
    return {
      type: 'category', data: labels,
      axisLine: {lineStyle: {color: colors.line}},
      axisTick: {show: false},
      axisLabel: {color: colors.soft, hideOverlap: true},
    };
  }

  function plainValues(colors, unit, numbers) {
    const known = numbers.filter((n) => n !== null);
    const most = Math.max(0, ...known);
    const least = Math.min(0, ...known);
    const axis = {
      type: 'value',
      min: least < 0 ? undefined : 0,
      axisLabel: {
        color: colors.soft, formatter: (value) => axisText(unit, value),
      },
      splitLine: {lineStyle: {color: colors.line, opacity: 0.6}},
    };
    if (unit === 's' && most > 0) {
      const step = timeStep(most);
      axis.interval = step;
      axis.max = Math.ceil(most / step) * step;
    }
    if (unit === 'ratio' && most <= 1 && most > 0.5) axis.max = 1;
    if (unit === 'count') axis.minInterval = 1;
    return axis;
  }

  // Durations from seconds to days need an axis of powers. Its positions are
  // logarithms; `place` gives the one of a value.
  function scaleFor(colors, unit, numbers) {
    const known = numbers.filter((n) => n !== null && n > 0)
      .sort((a, b) => a - b);
    const middle = known[Math.floor(known.length / 2)];
    const most = known[known.length - 1];
    if (unit !== 's' || known.length < 3 || most < 12 * middle) {
      return {
        axis: plainValues(colors, unit, numbers), place: (value) => value,
      };
    }
    const ticks = [1, 10, 60, 300, 1800, 7200, 28800, 86400, 259200, 864000,
      2592000, 7776000];
    const low = Math.max(0, ticks.findIndex((tick) => tick > known[0]) - 1);
    const above = ticks.findIndex((tick) => tick >= most);
    const high = above < 0 ? ticks.length - 1 : above;
    const shown = ticks.slice(low, high + 1).map(Math.log10);
    const place = (value) => value === null ? null :
      Math.log10(Math.max(value, ticks[low]));
    return {
      place: place,
      axis: {
        type: 'value', min: shown[0], max: shown[shown.length - 1],
        name: 'log scale',
        nameTextStyle: {color: colors.soft, fontSize: 10, align: 'right'},
        nameGap: 8,
        axisLabel: {
          color: colors.soft, customValues: shown,
          formatter: (value) => span(Math.round(Math.pow(10, value))),
        },
        axisTick: {customValues: shown},
        splitLine: {lineStyle: {color: colors.line, opacity: 0.6}},
      },
    };
  }

  // "week 2020-03-02" is too long under an axis; a day or a year that all
  // have in common says nothing there.
  function shortLabels(labels) {
    const short = labels.map((label) =>
      label.replace(/^(week|\w{3}) (?=\d{4}-)/, ''));
    for (const length of [11, 5]) {
      const start = short[0].slice(0, length);
      if (short.every((label) => label.length > length &&
                                 label.startsWith(start))) {
        return short.map((label) => label.slice(length));
      }
    }
    return short;
  }

  // --- the charts

  function trend(colors, part, index) {
    const one = part.series[index];
    const counts = one.unit === 'count';
    const all = one.values.concat(one.target ? one.target.values : []);
    const bands = one.bands || [];
    const most = Math.max(0, ...one.values);
    const {axis, place} = scaleFor(colors, one.unit, all);
    const series = [{
      name: one.title, type: counts ? 'bar' : 'line',
      data: one.values.map(place),
      color: colors.accent, symbol: 'circle', showAllSymbol: true,
      symbolSize: part.labels.length > 60 ? 4 : 6, barMaxWidth: 26,
      lineStyle: {width: 2}, connectNulls: false,
    }];
    if (bands.length > 0) {
      // A band ends where the next worse one begins.
      const edge = one.lower_is_better ? Infinity : -Infinity;
      const limit = one.lower_is_better ? undefined : 0;
      series[0].markArea = {
        silent: true,
        data: bands.map((band, b) => {
          const next = b + 1 < bands.length ? bands[b + 1].over : edge;
          const end = isFinite(next) ? next : limit;
          return [{
            yAxis: place(band.over),
            name: band.level + ' ' + (one.lower_is_better ? '> ' : '< ') +
              band.text,
            itemStyle: {
              color: b + 1 === bands.length && b > 0 ? colors.bad : colors.warn,
              opacity: 0.13,
            },
            label: {
              show: most > band.over, position: 'insideTopRight',
              color: colors.soft, fontSize: 11,
            },
          }, end === undefined ? {y: 0} : {yAxis: place(end)}];
        }),
      };
    }
    if (one.target) {
      series.push({
        name: 'target', type: 'line', step: 'middle', symbol: 'none',
        data: one.target.values.map(place), color: colors.target,
        lineStyle: {type: 'dashed', width: 1.5},
        markPoint: {
          symbol: 'rect', symbolSize: 0.1, silent: true,
          data: [{
            coord: [0, place(one.target.values.find((v) => v !== null))],
          }],
          label: {
            show: true, formatter: 'target ' + one.target.text,
            color: colors.target, position: [2, -15], align: 'left',
            fontSize: 11,
          },
        },
      });
    }
    return base(colors, {
      xAxis: categories(colors, shortLabels(part.labels)),
      yAxis: axis,
      series: series,
      tooltip: Object.assign(base(colors).tooltip, {
        formatter: (items) => {
          const w = items[0].dataIndex;
          if (one.values[w] === null) return tip([part.labels[w], 'no data']);
          const lines = [part.labels[w], one.title + ': ' + one.texts[w]];
          if (one.n[w] !== null) lines.push('n ' + one.n[w]);
          if (one.provisional[w]) lines.push('provisional');
          if (one.target) lines.push('target ' + one.target.text);
          return tip(lines);
        },
      }),
    });
  }

  function distribution(colors, part, index) {
    const one = part[index];
    const last = one.marks.length ? one.marks[one.marks.length - 1].after : -1;
    const first = one.marks.length ? one.marks[0].after : -1;
    const total = one.counts.reduce((sum, count) => sum + count, 0);
    const color = (at) => {
      if (one.marks.length === 0) return colors.accent;
      if (at <= first) return colors.good;
      return at <= last ? colors.warn : colors.bad;
    };
    const decal = (at) => {
      if (one.marks.length === 0 || at <= first) return undefined;
      return {
        color: colors.card, symbol: 'rect', dashArrayX: [1, 0],
        dashArrayY: [2, at <= last ? 6 : 3], rotation: -Math.PI / 4,
      };
    };
    return base(colors, {
      grid: {left: 8, right: 16, top: 34, bottom: 4, containLabel: true},
      xAxis: [
        Object.assign(categories(colors, one.labels), {
          axisLabel: {color: colors.soft, interval: 'auto', hideOverlap: true},
        }),
        // The same width as numbers: a mark stands between two bars.
        {type: 'value', min: 0, max: one.labels.length, show: false},
      ],
      yAxis: plainValues(colors, 'count', one.counts),
      series: [{
        type: 'bar', barCategoryGap: '12%',
        data: one.counts.map((count, at) => ({
          value: count, itemStyle: {color: color(at), decal: decal(at)},
        })),
      }, {
        type: 'line', xAxisIndex: 1, data: [],
        markLine: {
          silent: true, symbol: 'none', animation: false,
          data: one.marks.map((mark, m) => ({
            xAxis: mark.after + 1,
            lineStyle: {color: colors.ink, type: 'solid', width: 1.5},
            label: {
              show: true, color: colors.ink, fontSize: 11,
              formatter: mark.text + ': ' + mark.share,
              distance: m % 2 === 0 ? 4 : 17,
            },
          })),
        },
      }],
      tooltip: Object.assign(base(colors).tooltip, {
        axisPointer: {type: 'shadow'},
        formatter: (items) => {
          const at = items[0].dataIndex;
          const share = one.counts[at] / total;
          return tip([
            (/^[>a]/.test(one.labels[at]) ? '' : 'up to ') + one.labels[at],
            one.counts[at] + ' of ' + total + ' (' +
              trimmed(share * 100) + ' %)',
            trimmed(one.shares[at] * 100) + ' % up to here',
          ]);
        },
      }),
    });
  }

  function backlog(colors, part, index) {
    const labels = data.charts.trends.labels;
    const ages = index === 1;
    const list = ages ? part.ages : part.phases;
    return base(colors, {
      color: colors.series,
      grid: {left: 8, right: 16, top: 34, bottom: 4, containLabel: true},
      legend: {
        top: 0, left: 0, textStyle: {color: colors.ink}, itemHeight: 10,
        icon: 'roundRect',
      },
      xAxis: categories(colors, shortLabels(labels)),
      yAxis: plainValues(colors, ages ? 's' : 'count', ages ?
        list.flatMap((one) => one.values) : []),
      series: list.map((one, at) => ({
        name: one.name, type: 'line', data: one.values, symbol: 'none',
        stack: ages ? undefined : 'all',
        areaStyle: ages ? undefined : {opacity: 0.45},
        lineStyle: {
          width: ages ? 2 : 1,
          type: ages ? ['solid', 'dashed', 'dotted'][at % 3] : 'solid',
        },
      })),
      tooltip: Object.assign(base(colors).tooltip, {
        formatter: (items) => {
          const w = items[0].dataIndex;
          return tip([labels[w]].concat(list.map((one) =>
            one.name + ': ' + (one.texts[w] === null ? '–' : one.texts[w]))));
        },
      }),
    });
  }

  function arrivals(colors, part) {
    const cells = [];
    part.counts.forEach((hours, day) => hours.forEach((count, hour) =>
      cells.push([hour, day, count])));
    const most = Math.max(1, ...cells.map((cell) => cell[2]));
    const hours = part.counts[0].map((count, hour) => String(hour));
    return base(colors, {
      grid: {left: 8, right: 8, top: 8, bottom: 34, containLabel: true},
      xAxis: Object.assign(categories(colors, hours), {
        axisLine: {show: false},
      }),
      yAxis: Object.assign(categories(colors, part.days), {
        inverse: true, axisLine: {show: false},
      }),
      visualMap: {
        min: 0, max: most, calculable: false, orient: 'horizontal',
        left: 'center', bottom: 0, itemWidth: 12, itemHeight: 120,
        text: [String(most), '0'], textStyle: {color: colors.soft},
        inRange: {color: colors.heat},
      },
      series: [{
        type: 'heatmap', data: cells,
        itemStyle: {borderColor: colors.card, borderWidth: 2, borderRadius: 3},
        emphasis: {itemStyle: {borderColor: colors.ink, borderWidth: 1}},
      }],
      tooltip: Object.assign(base(colors).tooltip, {
        trigger: 'item',
        formatter: (item) => tip([
          part.days[item.value[1]] + ' ' + item.value[0] + ':00–' +
            (item.value[0] + 1) + ':00', item.value[2] + ' arrivals']),
      }),
    });
  }

  function scores(colors, part, index) {
    const one = part[index];
    const many = one.groups.length > 1;
    return base(colors, {
      color: colors.series,
      grid: {left: 8, right: 16, top: many ? 34 : 14, bottom: 4,
        containLabel: true},
      legend: {
        show: many, top: 0, left: 0, textStyle: {color: colors.ink},
        itemHeight: 10, type: 'scroll',
      },
      xAxis: categories(colors, shortLabels(one.labels)),
      yAxis: plainValues(colors, 'ratio', [1]),
      series: one.groups.map((group, at) => ({
        name: group.name || one.id, type: 'line', data: group.values,
        symbol: ['circle', 'rect', 'triangle', 'diamond'][at % 4],
        showAllSymbol: true, symbolSize: 6,
        lineStyle: {width: 2, type: ['solid', 'dashed', 'dotted'][at % 3]},
        areaStyle: many ? undefined : {opacity: 0.15},
      })),
      tooltip: Object.assign(base(colors).tooltip, {
        formatter: (items) => {
          const w = items[0].dataIndex;
          return tip([one.labels[w]].concat(one.groups.map((group) =>
            (group.name || one.id) + ': ' +
            (group.texts[w] === null ? 'no data' : group.texts[w]))));
        },
      }),
    });
  }

  function alerts(colors, part) {
    const levels = [colors.warn, colors.bad];
    return base(colors, {
      grid: {left: 8, right: 16, top: 8, bottom: 4, containLabel: true},
      xAxis: {
        type: 'time', min: part.begin, max: part.end,
        axisLine: {lineStyle: {color: colors.line}},
        axisLabel: {color: colors.soft, hideOverlap: true},
      },
      yAxis: Object.assign(categories(colors, part.names), {
        inverse: true, splitLine: {
          show: true, lineStyle: {color: colors.line, opacity: 0.6},
        },
        axisLabel: {
          color: colors.soft, width: root.clientWidth < 600 ? 90 : 220,
          overflow: 'truncate', interval: 0,
        },
      }),
      useUTC: true,
      series: [{
        type: 'custom',
        data: part.segments.map((segment) => ({value: segment.slice(0, 4)})),
        encode: {x: [1, 2], y: 0},
        renderItem: (params, api) => {
          const from = api.coord([api.value(1), api.value(0)]);
          const to = api.coord([api.value(2), api.value(0)]);
          const height = Math.min(16, api.size([0, 1])[1] * 0.7);
          const level = Math.min(1, api.value(3));
          return {
            type: 'rect',
            shape: {
              x: from[0], y: from[1] - height / 2,
              width: Math.max(2, to[0] - from[0]), height: height,
            },
            style: {fill: levels[level]},
          };
        },
      }],
      tooltip: Object.assign(base(colors).tooltip, {
        trigger: 'item',
        formatter: (item) => {
          const segment = part.segments[item.dataIndex];
          return tip([part.names[segment[0]], segment[4], segment[5]]);
        },
      }),
    });
  }

  const kinds = {
    scores: scores, alerts: alerts,
    trends: trend, distributions: distribution, backlog: backlog,
    arrivals: arrivals,
  };

  const drawn = [];

  function draw() {
    const colors = palette();
    for (const one of drawn) {
      one.chart.setOption(one.option(colors), {notMerge: true});
      one.chart.getZr().flush();
      fit(one);
    }
  }

  // On paper the picture takes the width that there is.
  function fit(one) {
    const svg = one.place.querySelector('svg');
    svg.setAttribute('viewBox',
      '0 0 ' + one.chart.getWidth() + ' ' + one.chart.getHeight());
    svg.setAttribute('aria-hidden', 'true');
  }

  function start() {
    root.classList.remove('no-charts');
    for (const place of document.querySelectorAll('.plot')) {
      const kind = place.dataset.chart;
      const part = data.charts[kind];
      const index = Number(place.dataset.index);
      drawn.push({
        chart: library.init(place, null, {renderer: 'svg'}), place: place,
        option: (colors) => kinds[kind](colors, part, index),
      });
    }
    draw();
    let width = root.clientWidth;
    window.addEventListener('resize', () => {
      if (width === root.clientWidth) return;
      width = root.clientWidth;
      for (const one of drawn) {
        one.chart.resize();
        one.chart.getZr().flush();
        fit(one);
      }
    });
    // Paper is white, whatever the screen is.
    let before;
    window.addEventListener('beforeprint', () => {
      before = root.dataset.theme;
      root.dataset.theme = 'light';
      draw();
    });
    window.addEventListener('afterprint', () => {
      if (before === undefined) delete root.dataset.theme;
      else root.dataset.theme = before;
      draw();
    });
  }

  // --- colours

  const button = document.getElementById('theme');
  const themes = ['system', 'light', 'dark'];
  let theme = 0;
  button.hidden = false;
  button.addEventListener('click', () => {
    theme = (theme + 1) % themes.length;
    if (theme === 0) delete root.dataset.theme;
    else root.dataset.theme = themes[theme];
    document.getElementById('theme-name').textContent = themes[theme];
    draw();
  });
  window.matchMedia('(prefers-color-scheme: dark)')
    .addEventListener('change', draw);

  // --- tables

  function key(row, column) {
    const cell = row.cells[column];
    const value = cell && cell.querySelector('data');
    if (value) return Number(value.value);
    return cell ? cell.textContent.trim() : '';
  }

  function sortBy(table, header, column) {
    const down = header.getAttribute('aria-sort') === 'descending' ||
      (header.getAttribute('aria-sort') === null &&
       !header.classList.contains('num')) ? 1 : -1;
    for (const other of table.tHead.rows[0].cells) {
      other.removeAttribute('aria-sort');
    }
    header.setAttribute('aria-sort', down === 1 ? 'ascending' : 'descending');
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [key(row, column), row]);
    // Cells without a value stay at the end.
    rows.sort(([a], [b]) => {
      if (a === b) return 0;
      if (typeof a !== typeof b) return typeof a === 'number' ? -1 : 1;
      if (typeof a === 'number') return (a - b) * down;
      return a.localeCompare(b, undefined, {numeric: true}) * down;
    });
    for (const [, row] of rows) body.appendChild(row);
  }

  for (const table of document.querySelectorAll('table.sortable')) {
    Array.from(table.tHead.rows[0].cells).forEach((header, column) => {
      const sort = document.createElement('button');
      sort.type = 'button';
      sort.className = 'sort';
      const label = header.textContent.trim().replace(/\s+/g, ' ');
      sort.setAttribute('aria-label', 'sort by ' + label);
      if (header.firstElementChild) header.firstElementChild.after(' ', sort);
      else header.append(' ', sort);
      sort.addEventListener('click', () => sortBy(table, header, column));
    });
  }

  // A link into a folded part opens it.
  function unfold() {
    const target = document.getElementById(location.hash.slice(1));
    const folded = target && target.closest('details');
    if (folded) folded.open = true;
  }
  window.addEventListener('hashchange', unfold);
  unfold();

  if (library !== null) start();
})();
