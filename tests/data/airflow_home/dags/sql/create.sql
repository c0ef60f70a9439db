CREATE TABLE IF NOT EXISTS {{ params.table }} (day TEXT, amount INTEGER);
DELETE FROM {{ params.table }} WHERE day = '{{ ds }}';
