"""A replica that is kept by delta links alone has, in the end, what its source has."""

from itertools import cycle

import psycopg
from tests.rentals.disturbing import Writers
from tests.rentals.following import Replica, opened

LIMITED = {"X-Access": "one division"}
FIRST_RELEASE = {"OData-MaxVersion": "4.0"}
DEEP = "Units($expand=UnavailableUnits($select=Id,Reason);$orderby=BaseRent desc;$select=Id,Floor)"
FEW = "Units($filter=Floor gt 2;$top=3;$orderby=BaseRent,Id;$count=true;$select=Id)"

QUESTIONS = (
    ("Units", None, FIRST_RELEASE),
    ("Units?$filter=Floor gt 3 and contains(UnitCode,'1')&$select=Id,Floor", 5, FIRST_RELEASE),
    ("Units?$filter=Floor gt 2", 7, LIMITED),
    (f"Buildings?$expand={DEEP}&$select=Id,Name", 4, {}),
    (f"Buildings?$filter=NumberOfUnits gt 9&$expand={FEW}", 3, LIMITED),
    ("Units?$filter=Building/City eq 'Ici'&$expand=Building($select=Name,City)", 60, {}),
    ("Units?$filter=UnavailableUnits/any(u:u/Reason eq 'Lyon')&$select=Id,OccupancyStatus", 25, {}),
    ("Buildings?$filter=Units/any(u:u/UnavailableUnits/$count gt 1)&$select=Id", 2, {}),
    ("UnavailableUnits?$expand=Unit($expand=Building($select=Name);$select=Floor)", 10, {}),
    ("LedgerDivisions?$expand=Buildings($expand=Units/$count;$select=Name)", 1, {}),
    ("UnavailableUnits?$filter=Unit/Building/City ne 'Ici'&$select=Id,UnitId", 8, LIMITED),
)


def test_replicas_under_concurrent_writes_converge(estate: str) -> None:
    # Buildings of several divisions: units move in and out of what some may see.
    with psycopg.connect(estate) as connection:
        query = (
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY company_no, division_no"
            " ORDER BY id) AS place FROM rentals.building) b WHERE place <= 2"
        )
        buildings = [building for (building,) in connection.execute(query).fetchall()]
    with opened(estate) as http:
        replicas = [Replica(http, *question) for question in QUESTIONS]
        told = dict.fromkeys(range(len(replicas)), 0)
        rounds = 0
        with Writers(estate, count=6, transactions=45, buildings=buildings) as writers:
            for replica in replicas:
                replica.load()
            for nth, replica in cycle(enumerate(replicas)):
                told[nth] += len(replica.follow())
                rounds += nth == 0
                if not writers.busy:
                    break
        for nth, replica in enumerate(replicas):
            told[nth] += len(replica.follow())
            assert replica.entities == replica.fresh(), replica.question
            assert replica.follow() == []
    assert rounds > 1
    assert writers.committed > 100
    assert writers.undone > 10
    assert min(told.values()) > 2, told
