// PostGraphile over the tables of the rentals, as one would run it in production: no page for
// people, no watching of the schema, a pool as large as the other servers have.
//
// Lists without cursors are its quickest form. Every column may be filtered and ordered by, as its
// version 4 allowed by default; indexes.sql has the index that its filters need.
import { createServer } from "node:http";

import pg from "pg";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.POOL_SIZE),
});
pool.on("error", (failure) => console.error(failure.message));

const instance = postgraphile({
  extends: [PostGraphileAmberPreset],
  disablePlugins: ["PgIndexBehaviorsPlugin"],
  pgServices: [makePgService({ pool, schemas: ["rentals"] })],
  gather: { installWatchFixtures: false },
  schema: { defaultBehavior: "list resource:list" },
  grafserv: { graphiql: false, watch: false },
  grafast: { explain: false },
});

const server = createServer();
await instance.createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), "127.0.0.1");
