"""A process of its own that serves the catalogue, writes and asks: is an answer ever stale?

    python -m tests.kernel.odata.racing URL SECONDS

Each writer raises a product's `stock`, told to the versions in the same transaction. Each reader
looks at the table itself and then asks the application, which must not answer anything older.
"""

import json
import sys
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
from tests.kernel.odata.shop import Shop, open_shop

from gerance.kernel.odata.versions import COUNT_CHANGES

PRODUCTS = (1, 3)
PATHS: dict[str, Callable[[str, int], int]] = {
    "Products({id})/Stock/$value": lambda text, _: int(text),
    "Products?$select=Id,Stock": lambda text, id_: _stock(json.loads(text)["value"], id_),
    "Products?$filter=Stock ge 0&$orderby=Stock desc&$count=true": lambda text, id_: _stock(
        json.loads(text)["value"], id_
    ),
    "Categories?$expand=Products($select=Id,Stock)": lambda text, id_: _stock(
        [row for each in json.loads(text)["value"] for row in each["Products"]], id_
    ),
    "Products({id})": lambda text, _: int(json.loads(text)["Stock"]),
}
"""What is asked, and how the stock is read from the answer."""


def _stock(rows: list[dict[str, Any]], id_: int) -> int:
    return next(int(row["Stock"]) for row in rows if row["Id"] == id_)


class Race:
    """What readers found in one process."""

    def __init__(self, url: str, shop: Shop, stop: threading.Event) -> None:
        self.url, self.shop, self.stop = url, shop, stop
        self.seen: Counter[str] = Counter()
        self.stale: list[str] = []

    def write(self, id_: int) -> None:
        told = COUNT_CHANGES.format(names="(SELECT 'Products' AS name) n").encode()
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.stop.wait(0.03):
                with connection.transaction():
                    connection.execute(
                        "UPDATE catalogue.product SET stock = stock + 1, version = version + 1"
                        " WHERE id = %s", [id_],
                    )  # fmt: skip
                    connection.execute(told)
                self.seen["writes"] += 1

    def read(self, path: str, value: Callable[[str, int], int], id_: int) -> None:
        tag, known = "", -1
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.stop.is_set():
                query = "SELECT stock FROM catalogue.product WHERE id = %s"
                ((least,),) = connection.execute(query, [id_]).fetchall()
                answer = self.shop.ask(path.format(id=id_), {"If-None-Match": tag} if tag else {})
                if answer.status_code == 200:
                    fresh = value(answer.text, id_)
                    self.seen["repeated" if fresh == known else "fresh"] += 1
                    tag, known = answer.headers["etag"], fresh
                else:
                    self.seen[str(answer.status_code)] += 1
                if known < least:
                    self.stale.append(f"{path}: {known} after {least}")


def main(url: str, seconds: float) -> None:
    stop = threading.Event()
    with open_shop(url, size=8) as shop:
        race = Race(url, shop, stop)
        threads = [threading.Thread(target=race.write, args=[id_]) for id_ in PRODUCTS]
        threads += [
            threading.Thread(target=race.read, args=[path, value, PRODUCTS[nth % 2]])
            for nth, (path, value) in enumerate(PATHS.items())
        ]
        for thread in threads:
            thread.start()
        stop.wait(seconds)
        stop.set()
        for thread in threads:
            thread.join()
    print(json.dumps({"seen": race.seen, "stale": race.stale[:10]}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
