-- The job (benchmarks/engine/job.h) in ClickHouse, run by peer_clickhouse.py, over
-- ev(ts, iid, kind, agent, channel, team), st(ts, agent, state).
-- One array of packed events for each interaction, split into episodes; all
-- else is array functions. Packed, from high to low: microseconds since the
-- begin, 4 bits of kind, 9 of agent, 5 of team. ev is in order, and so is what
-- one thread gathers.
CREATE TABLE epi ENGINE = Memory AS
SELECT ch, s, arrayMap(x -> bitAnd(bitShiftRight(x, 14), 15), s) t,
 arrayFirst((x, y) -> y IN (0, 6, 13), s, t) o,
 arrayFirst((x, y) -> y = 0, s, t) c,
 arrayFirst((x, y) -> y IN (0, 13), s, t) en,
 if(t[-1] = 11, s[-1], 0) cl,
 if(c = 0, 0, arrayFirst((x, y) -> y = 6 AND x > c, s, t)) r,
 before
FROM (
 SELECT ch, a, arrayMap(x -> bitAnd(bitShiftRight(x, 14), 15) = 11, a) done
 FROM (SELECT any(channel) ch, groupArray(bitShiftLeft(ts - {b0}, 18)
   + bitShiftLeft(toInt64(kind), 14) + bitShiftLeft(toInt64(agent), 5)
   + team) a FROM ev GROUP BY iid))
ARRAY JOIN arraySplit((x, y) -> y, a, arrayPopBack(arrayPushFront(done, 0))) AS s,
 arrayResize(arrayPushFront(arrayFilter((x, y) -> y, a, done), 0),
  length(arraySplit((x, y) -> y, a, arrayPopBack(arrayPushFront(done, 0))))) AS before
WHERE o > 0;
CREATE TABLE frt ENGINE = Memory AS
SELECT ch, c, r, bitShiftRight(r, 18) - bitShiftRight(c, 18) v FROM epi
WHERE r > 0;
CREATE TABLE waits ENGINE = Memory AS
SELECT ch, e, bitShiftRight(e, 18) - bitShiftRight(b, 18) v FROM (
 SELECT ch, arrayFilter((x, y) -> y IN (0, 1, 6, 11), s, t) m,
  arrayFilter(y -> y IN (0, 1, 6, 11), t) mt,
  arrayPopBack(arrayPushFront(mt, 1)) pm,
  arrayFilter((x, y, p) -> y = 0 AND p <> 0, m, mt, pm) bs,
  arrayFilter((x, y, p) -> y <> 0 AND p = 0, m, mt, pm) es FROM epi)
ARRAY JOIN arrayResize(bs, length(es)) AS b, es AS e
WHERE bitAnd(bitShiftRight(e, 14), 15) = 6;
CREATE TABLE handled ENGINE = Memory AS
SELECT ch, cl, bitAnd(bitShiftRight(h, 5), 511) agent,
 bitShiftRight(u, 18) - greatest(bitShiftRight(h, 18), bitShiftRight(o, 18)) v
FROM (SELECT ch, cl, o, arrayFilter((x, y) -> y IN (3, 4, 11), s, t) l FROM epi
      WHERE cl > 0)
ARRAY JOIN l AS h, arrayPushBack(arrayPopFront(l), 0) AS u
WHERE bitAnd(bitShiftRight(h, 14), 15) = 4;
CREATE TABLE moved ENGINE = Memory AS
SELECT ch, q, p FROM (
 SELECT any(channel) ch, groupArray(bitShiftLeft(ts - {b0}, 18) + team) a
 FROM ev WHERE kind = 3 GROUP BY iid HAVING length(a) > 1)
ARRAY JOIN arrayPopFront(a) AS q, arrayPopBack(a) AS p;
CREATE TABLE out_groups ENGINE = Memory AS
WITH a AS (
 SELECT toInt32((ch * 32 + bitAnd(r, 31)) * 1024
   + intDiv(bitShiftRight(c, 18), {hour})) k, count() n, sum(v) s, max(v) m,
  quantilesExact(0.499999999, 0.899999999)(v) q, countIf(v <= {late}) w
 FROM frt GROUP BY k),
b AS (
 SELECT toInt32((ch * 32 + bitAnd(cl, 31)) * 1024
   + intDiv(bitShiftRight(cl, 18), {hour})) k, count() n,
  sum(bitShiftRight(cl, 18) - bitShiftRight(o, 18)) s,
  quantileExact(0.899999999)(bitShiftRight(cl, 18) - bitShiftRight(o, 18)) p90
 FROM epi WHERE cl > 0 GROUP BY k),
c AS (
 SELECT toInt32((ch * 32 + bitAnd(e, 31)) * 1024
   + intDiv(bitShiftRight(e, 18), {hour})) k, count() n, sum(v) s,
  quantileExact(0.899999999)(v) p90 FROM waits GROUP BY k),
d AS (
 SELECT toInt32((ch * 32 + bitAnd(cl, 31)) * 1024
   + intDiv(bitShiftRight(cl, 18), {hour})) k, count() n, sum(v) s
 FROM handled GROUP BY k),
f AS (
 SELECT toInt32((ch * 32 + bitAnd(s[1], 31)) * 1024
   + intDiv(bitShiftRight(s[1], 18), {hour})) k, count() n
 FROM epi WHERE t[1] = 13 GROUP BY k),
h AS (
 SELECT toInt32((ch * 32 + bitAnd(en, 31)) * 1024
   + intDiv(bitShiftRight(en, 18), {hour})) k, count() n
 FROM epi WHERE en > 0 GROUP BY k),
i AS (
 SELECT toInt32((ch * 32 + bitAnd(en, 31)) * 1024
   + intDiv(bitShiftRight(c, 18) + {late}, {hour})) k, countIf(r > 0) late,
  countIf(r = 0) overdue
 FROM epi WHERE c > 0 AND bitShiftRight(c, 18) + {late} < {now}
  AND if(r > 0, bitShiftRight(r, 18) - bitShiftRight(c, 18) > {late},
   cl = 0 OR bitShiftRight(cl, 18) - bitShiftRight(c, 18) > {late})
 GROUP BY k),
l AS (
 SELECT k, sum(n) d FROM (
  SELECT k, toInt64(n) n FROM h
  UNION ALL
  SELECT toInt32((ch * 32 + bitAnd(cl, 31)) * 1024
    + intDiv(bitShiftRight(cl, 18), {hour})) k, -toInt64(count()) n
  FROM epi WHERE cl > 0 AND en > 0 GROUP BY k
  UNION ALL
  SELECT toInt32((ch * 32 + bitAnd(q, 31)) * 1024
    + intDiv(bitShiftRight(q, 18), {hour})) k, toInt64(count()) n
  FROM moved GROUP BY k
  UNION ALL
  SELECT toInt32((ch * 32 + bitAnd(p, 31)) * 1024
    + intDiv(bitShiftRight(q, 18), {hour})) k, -toInt64(count()) n
  FROM moved GROUP BY k) GROUP BY k),
grid AS (
 SELECT toInt32((intDiv(number, 14400) + 1) * 32 + intDiv(number, 720) % 20 + 1) ct,
  toInt32(number % 720) hr, toInt32(ct * 1024 + hr) k FROM numbers(72000))
SELECT intDiv(ct, 32), ct % 32, hr * {hour} + {b0}, a.n, a.s, a.q[1], a.q[2],
 a.m, a.w, b.n, b.s, b.p90, c.n, c.s, c.p90, d.n, d.s, f.n, h.n, i.late,
 i.overdue, if(hr * {hour} <= {now},
  sum(l.d) OVER (PARTITION BY ct ORDER BY hr), 0)
FROM grid LEFT JOIN a ON a.k = grid.k LEFT JOIN b ON b.k = grid.k
LEFT JOIN c ON c.k = grid.k LEFT JOIN d ON d.k = grid.k
LEFT JOIN f ON f.k = grid.k LEFT JOIN h ON h.k = grid.k
LEFT JOIN i ON i.k = grid.k LEFT JOIN l ON l.k = grid.k;
CREATE TABLE out_agents ENGINE = Memory AS
WITH a AS (
 SELECT toInt32(bitAnd(bitShiftRight(r, 5), 511) * 32
   + intDiv(bitShiftRight(c, 18), {day})) k, count() n, sum(v) s, max(v) m,
  quantilesExact(0.499999999, 0.899999999)(v) q, countIf(v <= {late}) w
 FROM frt GROUP BY k),
b AS (
 SELECT toInt32(bitAnd(bitShiftRight(cl, 5), 511) * 32
   + intDiv(bitShiftRight(cl, 18), {day})) k, count() n,
  sum(bitShiftRight(cl, 18) - bitShiftRight(o, 18)) s,
  quantileExact(0.899999999)(bitShiftRight(cl, 18) - bitShiftRight(o, 18)) p90
 FROM epi WHERE cl > 0 GROUP BY k),
c AS (
 SELECT toInt32(bitAnd(bitShiftRight(e, 5), 511) * 32
   + intDiv(bitShiftRight(e, 18), {day})) k, count() n, sum(v) s,
  quantileExact(0.899999999)(v) p90 FROM waits GROUP BY k),
d AS (
 SELECT toInt32(agent * 32 + intDiv(bitShiftRight(cl, 18), {day})) k,
  count() n, sum(v) s FROM handled GROUP BY k),
f AS (
 SELECT toInt32(bitAnd(bitShiftRight(before, 5), 511) * 32
   + intDiv(bitShiftRight(s[1], 18), {day})) k, count() n
 FROM epi WHERE t[1] = 13 GROUP BY k),
spans AS (
 SELECT agent, state, ts - {b0} b,
  leadInFrame(ts - {b0}, 1, {now}) OVER (PARTITION BY agent ORDER BY ts
   ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) e FROM st),
days AS (
 SELECT agent, state, greatest(b, d0 * {day}) f0,
  least(e, (d0 + 1) * {day}) u, d0 FROM spans
 ARRAY JOIN range(toUInt64(intDiv(b, {day})), toUInt64(intDiv(e - 1, {day}) + 1)) AS d0
 WHERE state > 0 AND e > b),
g AS (
 SELECT toInt32(agent * 32 + d0) k, sumIf(u - f0, state = 1) s1,
  sumIf(u - f0, state = 2) s2, sumIf(u - f0, state = 3) s3,
  sumIf(u - f0, state = 4) s4 FROM days GROUP BY k),
grid AS (SELECT toInt32(number) k FROM numbers(501 * 32))
SELECT intDiv(grid.k, 32), grid.k % 32 * {day} + {b0}, a.n, a.s, a.q[1],
 a.q[2], a.m, a.w, b.n, b.s, b.p90, c.n, c.s, c.p90, d.n, d.s, f.n,
 s1, s2, s3, s4
FROM grid LEFT JOIN a ON a.k = grid.k LEFT JOIN b ON b.k = grid.k
LEFT JOIN c ON c.k = grid.k LEFT JOIN d ON d.k = grid.k
LEFT JOIN f ON f.k = grid.k LEFT JOIN g ON g.k = grid.k;
