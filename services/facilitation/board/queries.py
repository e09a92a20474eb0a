"""What the pages count, over facilitation's own tables; nothing about a person or a single group."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.sql.expression import TextClause

# Each step counts enterprises, once each, in the locations of a programme. Steps after `grouped` are not nested: an enterprise may be
# granted credit without having been trained, and is then counted at the one and not at the other.
_FUNNEL = """
WITH located AS (
    SELECT e.id FROM enterprises AS e
    JOIN priority_locations AS p ON p.region_code = e.region_code AND p.programme_id = :programme_id AND p.ended_on IS NULL
    WHERE e.status NOT IN ('exited', 'merged')
), present AS (
    SELECT m.enterprise_id AS id, m.group_id FROM memberships AS m JOIN located ON located.id = m.enterprise_id WHERE m.left_on IS NULL
), asked AS (
    SELECT b.enterprise_id AS id, a.submitted_on, a.financing_id, a.id AS application_id
    FROM financing_borrowers AS b JOIN financing_applications AS a ON a.id = b.application_id JOIN located ON located.id = b.enterprise_id
    WHERE a.programme_id = :programme_id
)
SELECT (SELECT count(*) FROM located) AS located,
    (SELECT count(DISTINCT present.id) FROM present JOIN groups AS g ON g.id = present.group_id AND g.status = 'active') AS grouped,
    (SELECT count(DISTINCT mentored.id) FROM (
        SELECT jsonb_array_elements_text(a.enterprise_ids)::uuid AS id FROM mentoring_assignments AS a
        WHERE EXISTS (SELECT FROM mentoring_visits AS v WHERE v.assignment_id = a.id AND v.status = 'approved')
    ) AS mentored JOIN located USING (id)) AS mentored,
    (SELECT count(DISTINCT t.enterprise_id) FROM enrolments AS t JOIN located ON located.id = t.enterprise_id WHERE t.status = 'completed') AS trained,
    (SELECT count(DISTINCT id) FROM asked WHERE submitted_on IS NOT NULL) AS applied,
    (SELECT count(DISTINCT id) FROM asked WHERE financing_id IS NOT NULL) AS granted,
    (SELECT count(DISTINCT asked.id) FROM asked JOIN loans AS l ON l.application_id = asked.application_id AND l.disbursed_idr > 0) AS disbursed,
    (SELECT count(DISTINCT present.id) FROM present JOIN market_linkages AS k ON k.group_id = present.group_id AND k.contracted_on IS NOT NULL) AS market,
    (SELECT count(DISTINCT present.id) FROM present JOIN orders AS o ON o.group_id = present.group_id AND o.paid_on IS NOT NULL) AS income
"""
STEPS = ("located", "grouped", "mentored", "trained", "applied", "granted", "disbursed", "market", "income")

_REASONS = """
WITH here AS (SELECT region_code FROM priority_locations WHERE programme_id = :programme_id AND ended_on IS NULL), said AS (
    SELECT 'mentored' AS step, a.reason_code FROM mentoring_assignments AS a JOIN here USING (region_code) WHERE a.status IN ('declined', 'terminated')
    UNION ALL
    SELECT 'trained', coalesce(t.reason_code, t.status) FROM enrolments AS t JOIN here USING (region_code)
    WHERE t.status IN ('failed', 'no_show', 'withdrawn', 'rejected')
    UNION ALL
    SELECT 'applied', r.code FROM financing_applications AS f, jsonb_array_elements_text(f.reason_codes) AS r(code)
    WHERE f.programme_id = :programme_id AND f.status IN ('withdrawn', 'expired')
    UNION ALL
    SELECT 'granted', r.code FROM financing_applications AS f, jsonb_array_elements_text(f.reason_codes) AS r(code)
    WHERE f.programme_id = :programme_id AND f.status IN ('declined', 'rejected')
    UNION ALL
    SELECT 'market', r.code FROM market_linkages AS k JOIN here USING (region_code), jsonb_array_elements_text(k.reason_codes) AS r(code)
    WHERE k.status = 'declined'
    UNION ALL
    SELECT 'income', o.reason_code FROM orders AS o JOIN here USING (region_code) WHERE o.status = 'cancelled'
)
SELECT step, reason_code, count(*) AS times FROM said WHERE reason_code IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
"""

PROGRAMMES = text("SELECT DISTINCT programme_id FROM priority_locations ORDER BY programme_id DESC")

CASELOADS = text("""
WITH need AS (
    SELECT g.region_code, count(*) AS groups, sum(g.member_count)::bigint AS members FROM groups AS g WHERE g.status = 'active' GROUP BY 1
), care AS (
    SELECT region_code, count(*) FILTER (WHERE status IN ('active', 'paused')) AS running, count(*) FILTER (WHERE status = 'offered') AS offered,
        coalesce(sum(jsonb_array_length(enterprise_ids)) FILTER (WHERE status IN ('active', 'paused')), 0)::bigint AS mentored
    FROM mentoring_assignments GROUP BY 1
), staff AS (
    SELECT m.region_code, count(*) AS mentors FROM mentors AS m WHERE m.status = 'verified' GROUP BY 1
), gone AS (SELECT region_code, count(*) AS missed FROM mentoring_visits WHERE status = 'missed' GROUP BY 1)
SELECT region_code, r.name, r.longitude, r.latitude, coalesce(groups, 0) AS groups, coalesce(members, 0) AS members, coalesce(mentored, 0) AS mentored,
    coalesce(running, 0) AS running, coalesce(offered, 0) AS offered, coalesce(mentors, 0) AS mentors, coalesce(missed, 0) AS missed
FROM need FULL JOIN care USING (region_code) FULL JOIN staff USING (region_code) LEFT JOIN gone USING (region_code)
LEFT JOIN region_points AS r USING (region_code)
WHERE region_code ~ '^[0-9]{2}\\.' ORDER BY region_code
""")
"""For each regency/city: who could be mentored, who is, and by how many."""

MARKET = text("""
WITH wanted AS (
    SELECT category_code, unit, count(*) AS demands, sum(quantity)::bigint AS quantity, sum(matched_quantity)::bigint AS matched
    FROM market_demands WHERE status <> 'closed' GROUP BY 1, 2
), offered AS (
    SELECT p.category_code, p.unit, count(DISTINCT p.group_id) AS groups, sum(p.monthly_capacity)::bigint AS monthly
    FROM group_products AS p JOIN groups AS g ON g.id = p.group_id AND g.status = 'active' WHERE p.status = 'listed' GROUP BY 1, 2
)
SELECT category_code, unit, coalesce(demands, 0) AS demands, coalesce(quantity, 0) AS quantity, coalesce(matched, 0) AS matched,
    coalesce(groups, 0) AS groups, coalesce(monthly, 0) AS monthly
FROM wanted FULL JOIN offered USING (category_code, unit) ORDER BY category_code, unit
""")
"""For each category and unit: what is wanted, what of it was matched, and what groups can make in a month."""

SHORTFALLS = text("""
SELECT d.category_code, c.code, count(*) AS times FROM market_demands AS d, jsonb_array_elements(d.shortfalls) AS s(obstacles),
    jsonb_array_elements_text(s.obstacles -> 'codes') AS c(code)
WHERE d.status IN ('unmatched', 'partly_matched') GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
""")
"""Why demands are not met, as the last matching found."""


def funnel_of(programme_id: UUID) -> TextClause:
    """How many enterprises came how far, in one row of `STEPS`."""
    return text(_FUNNEL).bindparams(programme_id=programme_id)


def reasons_of(programme_id: UUID) -> Any:
    """Why enterprises did not come further: step, code, how often."""
    return text(_REASONS).bindparams(programme_id=programme_id)
