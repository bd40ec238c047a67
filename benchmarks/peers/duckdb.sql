-- The job (benchmarks/engine/job.h) in DuckDB, run by peer_duckdb.py, over
-- ev(ts, iid, kind, agent, channel, team), st(ts, agent, state).
-- Only cases that reopen need their events numbered by episode.
CREATE TEMP TABLE re AS SELECT DISTINCT iid FROM ev WHERE kind = 13;
CREATE TEMP TABLE e2 AS
 SELECT *, sum(CASE WHEN kind = 11 THEN 1 ELSE 0 END) OVER
   (PARTITION BY iid ORDER BY ts) - CASE WHEN kind = 11 THEN 1 ELSE 0 END ep
 FROM ev WHERE iid IN (SELECT iid FROM re);
CREATE TEMP TABLE epi AS
 SELECT iid, 0 ep, max(channel) channel, min(ts) FILTER (kind <> 11) open_us,
  min(ts) FILTER (kind = 0) contact_us, min(ts) FILTER (kind = 0) entry_us,
  arg_min(team, ts) FILTER (kind = 0) entry_team,
  max(ts) FILTER (kind = 11) close_us, max(team) FILTER (kind = 11) close_team,
  max(agent) FILTER (kind = 11) resolver
 FROM ev WHERE kind IN (0, 6, 11) AND iid NOT IN (SELECT iid FROM re)
 GROUP BY iid HAVING open_us IS NOT NULL
 UNION ALL
 SELECT iid, ep, max(channel), min(ts) FILTER (kind <> 11) o,
  min(ts) FILTER (kind = 0), min(ts) FILTER (kind IN (0, 13)),
  arg_min(team, ts) FILTER (kind IN (0, 13)),
  max(ts) FILTER (kind = 11), max(team) FILTER (kind = 11),
  max(agent) FILTER (kind = 11)
 FROM e2 WHERE kind IN (0, 6, 11, 13) GROUP BY iid, ep HAVING o IS NOT NULL;
CREATE TEMP TABLE frt AS
 SELECT p.channel, p.contact_us, p.entry_team, p.close_us,
  CASE WHEN p.close_us IS NULL OR a.ts < p.close_us THEN a.ts - p.contact_us
  END v, a.agent, a.team
 FROM (SELECT * FROM epi WHERE contact_us IS NOT NULL) p
 ASOF LEFT JOIN (SELECT iid, ts, agent, team FROM ev WHERE kind = 6) a
 ON p.iid = a.iid AND p.contact_us < a.ts;
CREATE TEMP TABLE waits AS
 SELECT channel, team, agent, ts, ts - start_us v FROM (
  SELECT a.iid, a.ts, min(c.ts) start_us, any_value(a.channel) channel,
   any_value(a.team) team, any_value(a.agent) agent, any_value(a.kind) kind
  FROM (SELECT iid, ts FROM ev WHERE kind = 0) c
  ASOF JOIN (SELECT iid, ts, channel, team, agent, kind FROM ev
             WHERE kind IN (1, 6, 11)) a
  ON c.iid = a.iid AND c.ts < a.ts GROUP BY a.iid, a.ts) WHERE kind = 6;
CREATE TEMP TABLE handled AS
 SELECT p.channel, p.close_team team, h.agent, p.close_us ts,
  h.until_us - greatest(h.ts, p.open_us) v
 FROM (SELECT s.iid, s.ts, s.agent, u.ts until_us
       FROM (SELECT iid, ts, agent FROM ev WHERE kind = 4) s
       ASOF JOIN (SELECT iid, ts FROM ev WHERE kind IN (3, 11)) u
       ON s.iid = u.iid AND s.ts < u.ts) h
 ASOF JOIN (SELECT * FROM epi WHERE close_us IS NOT NULL) p
 ON h.iid = p.iid AND h.until_us <= p.close_us;
CREATE TEMP TABLE again AS
 SELECT e.channel, e.team, p.resolver agent, e.ts
 FROM e2 e JOIN epi p ON p.iid = e.iid AND p.ep = e.ep - 1 WHERE e.kind = 13;
CREATE TEMP TABLE moved AS
 SELECT * FROM (
  SELECT channel, team, ts, lag(team) OVER (PARTITION BY iid ORDER BY ts) before
  FROM ev WHERE kind = 3 AND iid IN
   (SELECT iid FROM ev WHERE kind = 3 GROUP BY iid HAVING count(*) > 1))
 WHERE before IS NOT NULL;

CREATE TEMP TABLE out_groups AS
WITH a AS (
 SELECT gk(channel, team, contact_us) k, count(*) n, sum(v) s, max(v) m,
  quantile_disc(v, [0.5, 0.9]) q, count(*) FILTER (v <= late()) w
 FROM frt WHERE v IS NOT NULL GROUP BY k),
b AS (
 SELECT gk(channel, close_team, close_us) k, count(*) n,
  sum(close_us - open_us) s, quantile_disc(close_us - open_us, 0.9) p90
 FROM epi WHERE close_us IS NOT NULL GROUP BY k),
c AS (
 SELECT gk(channel, team, ts) k, count(*) n, sum(v) s,
  quantile_disc(v, 0.9) p90 FROM waits GROUP BY k),
d AS (SELECT gk(channel, team, ts) k, count(*) n, sum(v) s
      FROM handled GROUP BY k),
f AS (SELECT gk(channel, team, ts) k, count(*) n FROM again GROUP BY k),
h AS (SELECT gk(channel, entry_team, entry_us) k, count(*) n
      FROM epi WHERE entry_us IS NOT NULL GROUP BY k),
i AS (
 SELECT gk(channel, entry_team, contact_us + late()) k, count(v) late,
  count(*) - count(v) overdue
 FROM frt WHERE contact_us + late() < now_us() AND (v > late() OR v IS NULL AND
  (close_us IS NULL OR close_us > contact_us + late())) GROUP BY k),
l AS (
 SELECT k, sum(d) d FROM (
  SELECT k, n d FROM h
  UNION ALL SELECT gk(channel, close_team, close_us), -count(*) FROM epi
   WHERE close_us IS NOT NULL AND entry_us IS NOT NULL GROUP BY 1
  UNION ALL SELECT gk(channel, team, ts), count(*) FROM moved GROUP BY 1
  UNION ALL SELECT gk(channel, before, ts), -count(*) FROM moved GROUP BY 1)
 GROUP BY k),
grid AS (
 SELECT ((range // 14400 + 1) * 32 + range // 720 % 20 + 1)::INTEGER ct,
  (range % 720)::INTEGER hr FROM range(72000))
SELECT ct // 32 channel, ct % 32 team, hr * hour_us() + b0() begin_us,
 a.n, a.s, a.q[1], a.q[2], a.m, a.w, b.n, b.s, b.p90, c.n, c.s, c.p90,
 d.n, d.s, f.n, h.n, i.late, i.overdue,
 CASE WHEN hr * hour_us() + b0() <= now_us() THEN
  sum(coalesce(l.d, 0)) OVER (PARTITION BY ct ORDER BY hr) ELSE 0 END
FROM grid LEFT JOIN a ON a.k = ct * 1024 + hr
LEFT JOIN b ON b.k = ct * 1024 + hr LEFT JOIN c ON c.k = ct * 1024 + hr
LEFT JOIN d ON d.k = ct * 1024 + hr LEFT JOIN f ON f.k = ct * 1024 + hr
LEFT JOIN h ON h.k = ct * 1024 + hr LEFT JOIN i ON i.k = ct * 1024 + hr
LEFT JOIN l ON l.k = ct * 1024 + hr;

CREATE TEMP TABLE out_agents AS
WITH a AS (
 SELECT ak(agent, contact_us) k, count(*) n, sum(v) s, max(v) m,
  quantile_disc(v, [0.5, 0.9]) q, count(*) FILTER (v <= late()) w
 FROM frt WHERE v IS NOT NULL GROUP BY k),
b AS (
 SELECT ak(resolver, close_us) k, count(*) n, sum(close_us - open_us) s,
  quantile_disc(close_us - open_us, 0.9) p90
 FROM epi WHERE close_us IS NOT NULL GROUP BY k),
c AS (SELECT ak(agent, ts) k, count(*) n, sum(v) s, quantile_disc(v, 0.9) p90
      FROM waits GROUP BY k),
d AS (SELECT ak(agent, ts) k, count(*) n, sum(v) s FROM handled GROUP BY k),
f AS (SELECT ak(agent, ts) k, count(*) n FROM again GROUP BY k),
spans AS (
 SELECT agent, state, ts b,
  lead(ts, 1, now_us()) OVER (PARTITION BY agent ORDER BY ts) e FROM st),
days AS (
 SELECT agent, state, greatest(b, d0) b, least(e, d0 + day_us()) e FROM (
  SELECT agent, state, b, e, unnest(range(b - (b - b0()) % day_us(), e, day_us())) d0
  FROM spans WHERE state > 0 AND e > b)),
g AS (
 SELECT ak(agent, b) k, sum(e - b) FILTER (state = 1) s1,
  sum(e - b) FILTER (state = 2) s2, sum(e - b) FILTER (state = 3) s3,
  sum(e - b) FILTER (state = 4) s4 FROM days GROUP BY k),
grid AS (SELECT range::INTEGER k FROM range(501 * 32))
SELECT grid.k // 32, grid.k % 32 * day_us() + b0(),
 a.n, a.s, a.q[1], a.q[2], a.m, a.w, b.n, b.s, b.p90, c.n, c.s, c.p90,
 d.n, d.s, f.n, s1, s2, s3, s4
FROM grid LEFT JOIN a USING (k) LEFT JOIN b USING (k) LEFT JOIN c USING (k)
LEFT JOIN d USING (k) LEFT JOIN f USING (k) LEFT JOIN g USING (k);
