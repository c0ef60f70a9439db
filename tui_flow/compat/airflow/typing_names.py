"""`airflow.typing_compat`: names of `typing` that were new once."""

from __future__ import annotations

from typing import Literal as Literal
from typing import ParamSpec as ParamSpec
from typing import Protocol as Protocol
from typing import Self as Self
from typing import TypedDict as TypedDict
from typing import TypeGuard as TypeGuard
from typing import runtime_checkable as runtime_checkable
