"""`airflow.utils.json`."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any


class AirflowJsonEncoder(json.JSONEncoder):
    """Dates, decimals, bytes and NumPy's scalars and arrays as JSON; as text what is nothing of these."""

    def default(self, o: Any) -> Any:
        match o:
            case datetime():
                return o.isoformat()
            case date():
                return o.strftime("%Y-%m-%d")
            case Decimal():
                return int(o) if o == o.to_integral_value() and o.as_tuple().exponent == 0 else float(o)
            case bytes():
                return o.decode("unicode_escape")
        return o.tolist() if hasattr(o, "tolist") else str(o)


WebEncoder = AirflowJsonEncoder
