from airflow.hooks.base import BaseHook


class ShopHook(BaseHook):
    """Talks to the shop."""

    conn_name_attr = "shop_conn_id"
    default_conn_name = "shop_default"
    conn_type = "shop"
    hook_name = "Shop"

    def __init__(self, shop_conn_id=default_conn_name, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.shop_conn_id = shop_conn_id

    def get_conn(self):
        conn = self.get_connection(self.shop_conn_id)
        return {"base": f"{conn.schema or 'http'}://{conn.host}", "key": conn.extra_dejson.get("api_key")}

    def orders(self, day):
        self.log.info("asking %s", self.get_conn()["base"])
        return [{"day": day, "id": n} for n in range(3)]
