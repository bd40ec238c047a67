-- The job (benchmarks/engine/job.h) in SQLite, run by peer_sqlite.py, over
-- ev(ts, iid, kind, agent, channel, team), st(ts, agent, state).
-- Episodes are numbered by the resolves before; packed numbers carry who or
-- which team along with the first or last instant.
CREATE TEMP TABLE e AS
 SELECT iid, ts, kind, agent, channel, team,
  coalesce(sum(kind = 11) OVER (PARTITION BY iid ORDER BY ts
   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) ep
 FROM ev;
CREATE TEMP TABLE epi AS
 SELECT iid, ep, max(channel) channel,
  min(CASE WHEN kind IN (0, 6, 13) THEN ts END) open_us,
  min(CASE WHEN kind = 0 THEN ts END) contact_us,
  min(CASE WHEN kind IN (0, 13) THEN (ts - :begin) * 64 + team END) entry,
  max(CASE WHEN kind = 11 THEN ts END) close_us,
  max(CASE WHEN kind = 11 THEN team END) close_team,
  max(CASE WHEN kind = 11 THEN agent END) resolver
 FROM e GROUP BY iid, ep HAVING open_us IS NOT NULL;
CREATE UNIQUE INDEX epi_key ON epi(iid, ep);
CREATE TEMP TABLE frt AS
 SELECT iid, ep, channel, contact_us, start_us, reply / 32768 + :begin - contact_us v,
  reply / 64 % 512 agent, reply % 64 team FROM (
  SELECT e.iid, e.ep, max(e.channel) channel, max(contact_us) contact_us,
   max(contact_us) start_us,
   min((e.ts - :begin) * 32768 + e.agent * 64 + e.team) reply
  FROM e JOIN epi ON epi.iid = e.iid AND epi.ep = e.ep
  WHERE e.kind = 6 AND e.ts > epi.contact_us GROUP BY e.iid, e.ep);
CREATE UNIQUE INDEX frt_key ON frt(iid, ep);
CREATE TEMP TABLE waits AS
 SELECT channel, team, agent, ts, ts - start_us v FROM (
  SELECT *, lag(ts) OVER (PARTITION BY iid ORDER BY ts) start_us FROM (
   SELECT *, lag(kind, 1, -1) OVER (PARTITION BY iid ORDER BY ts) before
   FROM ev WHERE kind IN (0, 1, 6, 11))
  WHERE (kind = 0 AND before <> 0) OR (kind <> 0 AND before = 0))
 WHERE kind = 6;
CREATE TEMP TABLE handled AS
 SELECT p.channel, p.close_team team, h.agent, p.close_us ts,
  h.until_us - max(h.ts, p.open_us) v FROM (
  SELECT iid, ep, ts, kind, agent,
   lead(ts) OVER (PARTITION BY iid ORDER BY ts) until_us
  FROM e WHERE kind IN (3, 4, 11)) h
 JOIN epi p ON p.iid = h.iid AND p.ep = h.ep
 WHERE h.kind = 4 AND p.close_us IS NOT NULL;
CREATE TEMP TABLE closed AS
 SELECT channel, close_team team, resolver agent, close_us ts,
  close_us - open_us v FROM epi WHERE close_us IS NOT NULL;
CREATE TEMP TABLE again AS
 SELECT e.channel, e.team, p.resolver agent, e.ts FROM e
 JOIN epi p ON p.iid = e.iid AND p.ep = e.ep - 1 WHERE e.kind = 13;

-- What follows is by (channel, team, hour); the same by (agent, day) below.
CREATE TEMP TABLE g_frt AS
 SELECT k, count(*) n, sum(v) s, max(v) m, sum(v <= :late) w,
  max(CASE WHEN r = (c + 1) / 2 THEN v END) p50,
  max(CASE WHEN r = (9 * c + 9) / 10 THEN v END) p90 FROM (
  SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v) r,
   count(*) OVER (PARTITION BY k) c FROM (
   SELECT (channel * 32 + team) * 1024 + (contact_us - :begin) / :hour k, v
   FROM frt)) GROUP BY k;
CREATE TEMP TABLE g_res AS
 SELECT k, count(*) n, sum(v) s,
  max(CASE WHEN r = (9 * c + 9) / 10 THEN v END) p90 FROM (
  SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v) r,
   count(*) OVER (PARTITION BY k) c FROM (
   SELECT (channel * 32 + team) * 1024 + (ts - :begin) / :hour k, v
   FROM closed)) GROUP BY k;
CREATE TEMP TABLE g_wait AS
 SELECT k, count(*) n, sum(v) s,
  max(CASE WHEN r = (9 * c + 9) / 10 THEN v END) p90 FROM (
  SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v) r,
   count(*) OVER (PARTITION BY k) c FROM (
   SELECT (channel * 32 + team) * 1024 + (ts - :begin) / :hour k, v
   FROM waits)) GROUP BY k;
CREATE TEMP TABLE g_handle AS
 SELECT (channel * 32 + team) * 1024 + (ts - :begin) / :hour k, count(*) n,
  sum(v) s FROM handled GROUP BY k;
CREATE TEMP TABLE g_again AS
 SELECT (channel * 32 + team) * 1024 + (ts - :begin) / :hour k, count(*) n
 FROM again GROUP BY k;
CREATE TEMP TABLE g_entry AS
 SELECT (channel * 32 + entry % 64) * 1024 + entry / 64 / :hour k, count(*) n
 FROM epi WHERE entry IS NOT NULL GROUP BY k;
CREATE TEMP TABLE g_due AS
 SELECT (p.channel * 32 + p.entry % 64) * 1024
   + (p.contact_us + :late - :begin) / :hour k,
  sum(f.v IS NOT NULL) late, sum(f.v IS NULL) overdue
 FROM epi p LEFT JOIN frt f ON f.iid = p.iid AND f.ep = p.ep
 WHERE p.contact_us + :late < :now AND coalesce(f.v, :late + 1) > :late
  AND (f.v IS NOT NULL OR p.close_us IS NULL
       OR p.close_us > p.contact_us + :late)
 GROUP BY k;
CREATE TEMP TABLE g_level AS
 SELECT k, sum(d) d FROM (
  SELECT (channel * 32 + entry % 64) * 1024 + entry / 64 / :hour k, 1 d
  FROM epi WHERE entry IS NOT NULL
  UNION ALL
  SELECT (channel * 32 + close_team) * 1024 + (close_us - :begin) / :hour, -1
  FROM epi WHERE close_us IS NOT NULL AND entry IS NOT NULL
  UNION ALL
  SELECT (channel * 32 + team) * 1024 + (ts - :begin) / :hour, 1 FROM (
   SELECT *, row_number() OVER (PARTITION BY iid ORDER BY ts) r
   FROM ev WHERE kind = 3) WHERE r > 1
  UNION ALL
  SELECT (channel * 32 + before) * 1024 + (ts - :begin) / :hour, -1 FROM (
   SELECT *, lag(team) OVER (PARTITION BY iid ORDER BY ts) before
   FROM ev WHERE kind = 3) WHERE before IS NOT NULL)
 GROUP BY k;
CREATE TEMP TABLE out_groups AS
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 71999),
grid AS (SELECT (i / 14400 + 1) * 32 + i / 720 % 20 + 1 ct, i % 720 hour FROM n)
SELECT ct / 32, ct % 32, hour * :hour + :begin,
 a.n, a.s, a.p50, a.p90, a.m, a.w, b.n, b.s, b.p90, c.n, c.s, c.p90,
 d.n, d.s, f.n, h.n, i.late, i.overdue,
 CASE WHEN hour * :hour + :begin <= :now THEN
  sum(coalesce(l.d, 0)) OVER (PARTITION BY ct ORDER BY hour) ELSE 0 END
FROM grid LEFT JOIN g_frt a ON a.k = ct * 1024 + hour
LEFT JOIN g_res b ON b.k = ct * 1024 + hour
LEFT JOIN g_wait c ON c.k = ct * 1024 + hour
LEFT JOIN g_handle d ON d.k = ct * 1024 + hour
LEFT JOIN g_again f ON f.k = ct * 1024 + hour
LEFT JOIN g_entry h ON h.k = ct * 1024 + hour
LEFT JOIN g_due i ON i.k = ct * 1024 + hour
LEFT JOIN g_level l ON l.k = ct * 1024 + hour;

CREATE TEMP TABLE a_frt AS
 SELECT k, count(*) n, sum(v) s, max(v) m, sum(v <= :late) w,
  max(CASE WHEN r = (c + 1) / 2 THEN v END) p50,
  max(CASE WHEN r = (9 * c + 9) / 10 THEN v END) p90 FROM (
  SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v) r,
   count(*) OVER (PARTITION BY k) c FROM (
   SELECT agent * 32 + (contact_us - :begin) / :day k, v FROM frt))
 GROUP BY k;
CREATE TEMP TABLE a_res AS
 SELECT k, count(*) n, sum(v) s,
  max(CASE WHEN r = (9 * c + 9) / 10 THEN v END) p90 FROM (
  SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v) r,
   count(*) OVER (PARTITION BY k) c FROM (
   SELECT agent * 32 + (ts - :begin) / :day k, v FROM closed)) GROUP BY k;
CREATE TEMP TABLE a_wait AS
 SELECT k, count(*) n, sum(v) s,
  max(CASE WHEN r = (9 * c + 9) / 10 THEN v END) p90 FROM (
  SELECT k, v, row_number() OVER (PARTITION BY k ORDER BY v) r,
   count(*) OVER (PARTITION BY k) c FROM (
   SELECT agent * 32 + (ts - :begin) / :day k, v FROM waits)) GROUP BY k;
CREATE TEMP TABLE a_handle AS
 SELECT agent * 32 + (ts - :begin) / :day k, count(*) n, sum(v) s
 FROM handled GROUP BY k;
CREATE TEMP TABLE a_again AS
 SELECT agent * 32 + (ts - :begin) / :day k, count(*) n FROM again GROUP BY k;
CREATE TEMP TABLE a_state AS
WITH RECURSIVE spans(agent, state, b, e) AS (
 SELECT agent, state, ts,
  lead(ts, 1, :now) OVER (PARTITION BY agent ORDER BY ts) FROM st),
days(agent, state, b, e, u) AS (
 SELECT agent, state, b, min(e, b - (b - :begin) % :day + :day), e
 FROM spans WHERE state > 0
 UNION ALL
 SELECT agent, state, e, min(u, e + :day), u FROM days WHERE e < u)
SELECT agent * 32 + (b - :begin) / :day k,
 sum(CASE WHEN state = 1 THEN e - b END) s1,
 sum(CASE WHEN state = 2 THEN e - b END) s2,
 sum(CASE WHEN state = 3 THEN e - b END) s3,
 sum(CASE WHEN state = 4 THEN e - b END) s4 FROM days GROUP BY 1;
CREATE TEMP TABLE out_agents AS
WITH RECURSIVE grid(k) AS (
 SELECT 0 UNION ALL SELECT k + 1 FROM grid WHERE k < 501 * 32)
SELECT grid.k / 32, grid.k % 32 * :day + :begin,
 a.n, a.s, a.p50, a.p90, a.m, a.w, b.n, b.s, b.p90, c.n, c.s, c.p90,
 d.n, d.s, f.n, s1, s2, s3, s4
FROM grid LEFT JOIN a_frt a ON a.k = grid.k LEFT JOIN a_res b ON b.k = grid.k
LEFT JOIN a_wait c ON c.k = grid.k LEFT JOIN a_handle d ON d.k = grid.k
LEFT JOIN a_again f ON f.k = grid.k LEFT JOIN a_state s ON s.k = grid.k;
