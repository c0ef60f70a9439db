"""The only SQL on our database: `schema` and `migrations`, `reader` (standard library only), `writer` (one)."""
