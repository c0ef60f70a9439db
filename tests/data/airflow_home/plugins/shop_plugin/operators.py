from typing import Any, Sequence

from airflow.models import BaseOperator
from airflow.models.baseoperator import BaseOperatorLink
from airflow.plugins_manager import AirflowPlugin
from airflow.utils.context import Context
from airflow.utils.decorators import apply_defaults

from shop_plugin.hooks import ShopHook


class ShopLink(BaseOperatorLink):
    name = "Shop"

    def get_link(self, operator, *, ti_key=None):
        return "https://shop.example/"


class ShopToFileOperator(BaseOperator):
    template_fields: Sequence[str] = ("day", "path")
    template_fields_renderers = {"day": "json"}
    ui_color = "#e8f7e4"
    operator_extra_links = (ShopLink(),)

    @apply_defaults
    def __init__(self, day: str, path: str, shop_conn_id: str = "shop_default", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day, self.path, self.shop_conn_id = day, path, shop_conn_id

    def pre_execute(self, context: Context):
        self.log.info("about to ask for %s", self.day)

    def execute(self, context: Context) -> int:
        orders = ShopHook(self.shop_conn_id).orders(self.day)
        with open(self.path, "w") as out:
            out.write("\n".join(str(order) for order in orders))
        context["ti"].xcom_push("path", self.path)
        return len(orders)

    def on_kill(self):
        self.log.info("killed")


class ShopPlugin(AirflowPlugin):
    name = "shop_plugin"
    hooks = [ShopHook]
    operators = [ShopToFileOperator]
