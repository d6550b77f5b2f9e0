// Reads and writes services of tenants through the service that odata2ts generated.
import { FetchClient } from "@odata2ts/http-client-fetch";
import { GeranceClient } from "./generated/GeranceClient";

const [url, token] = process.argv.slice(2);
const client = new FetchClient({ headers: { Authorization: `Bearer ${token}` } });
const service = new GeranceClient(client, url);

async function main(): Promise<void> {
  const units = await service.Units().query((builder, unit) =>
    builder
      .select("Id", "BuildingId", "BaseRent")
      .filter(unit.OccupancyStatus.eq("V"), unit.BaseRent.gt(0))
      .expand("Building")
      .orderBy(unit.BaseRent.desc())
      .top(5)
      .count());
  const before = await service.Services().query((builder) => builder.count().top(0));
  const created = await service.Services().create({
    ServiceCode: "O2TS", Name: "Cave", DefaultAmount: 12.5, Taxable: true, Active: true,
  });
  const one = service.Services(created.data.Id);
  await one.patch({ Name: "Cave à vin" });
  const patched = await one.query();
  await one.delete();
  const after = await service.Services().query((builder, each) =>
    builder.filter(each.ServiceCode.eq("O2TS")).count());
  const building = await service.Buildings(units.data.value[0].BuildingId).query();
  console.log(JSON.stringify({
    units: units.data, before: before.data, created: created.data, patched: patched.data,
    after: after.data, building: building.data,
  }));
}

main().catch((failure) => { console.error(failure); process.exit(1); });
