// Fails when schema.d.ts is not what schema.yaml generates.
import { readFileSync } from "node:fs";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";

const folder = new URL("../src/shared/api/", import.meta.url);
const ast = await openapiTS(new URL("schema.yaml", folder), { alphabetize: true, silent: true });
const committed = readFileSync(new URL("schema.d.ts", folder), "utf8");
if (committed !== COMMENT_HEADER + astToString(ast)) {
  console.error("src/shared/api/schema.d.ts is stale: run `npm run types:generate`.");
  process.exit(1);
}
console.log("schema.d.ts is fresh.");
