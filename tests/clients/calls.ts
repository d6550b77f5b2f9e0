// Calls of all three APIs with two generated clients: openapi-typescript, then openapi-generator.
import createClient from "openapi-fetch";
import type { paths } from "./api";
import { BuildingsODataApi, Configuration, PartnersApi, SessionsApi, TicketsApi } from "./generated";

declare const process: { argv: string[]; exit(code: number): void };

const [url, token, partner] = process.argv.slice(2) as [string, string, string];
const credentials = { login: "centre@demo.gerance.example", password: "demo-centre-2026" };

async function main(): Promise<void> {
  const client = createClient<paths>({ baseUrl: url });
  const login = await client.POST("/api/v1/login", { body: credentials });
  const cookie = login.response.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const tickets = await client.GET("/api/v1/tickets", {
    params: { query: { range: "0-1" } },
    headers: { Cookie: cookie },
  });
  const buildings = await client.GET("/api/Buildings", {
    params: { query: { $top: 2 } },
    headers: { Authorization: `Bearer ${token}` },
  });
  const customers = await client.GET("/v1/customers", {
    params: { query: { limit: 2 } },
    headers: { Authorization: `Token token="${partner}"` },
  });
  console.log(
    tickets.data?.result.length,
    buildings.data?.value.length,
    customers.data?.customers.length,
  );

  const configuration = (headers: Record<string, string>) =>
    new Configuration({ basePath: url, headers });
  const session = await new SessionsApi(configuration({})).postApiV1LoginRaw({ credentials });
  const own = session.raw.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const page = await new TicketsApi(configuration({ Cookie: own })).getApiV1Tickets({ range: "0-1" });
  const list = await new BuildingsODataApi(
    configuration({ Authorization: `Bearer ${token}` }),
  ).listBuildings({ $top: 2 });
  const answer = await new PartnersApi(
    configuration({ Authorization: `Token token="${partner}"` }),
  ).getV1Customers({ limit: 2 });
  console.log(page.result.length, list.value.length, answer.customers.length);
}

main().catch((failure: unknown) => {
  console.error(failure);
  process.exit(1);
});
