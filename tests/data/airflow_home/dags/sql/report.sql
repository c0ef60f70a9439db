{% include "filter.sql" %}
SELECT day, SUM(amount) FROM {{ params.table }} WHERE {{ only_day(ds) }} GROUP BY day -- {{ ds | shout }}
