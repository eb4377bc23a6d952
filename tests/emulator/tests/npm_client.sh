#!/usr/bin/env bash
# Runs the vendor's npm client against the emulator, with the recipe of the README. Needs node and npm; everything is kept in a
# temporary directory.
set -euo pipefail
cd "$(dirname "$0")/../../.."
emulator=${EMULATOR:-}
if [ -z "$emulator" ]; then
  cargo build -q -p singlestore-management-emulator
  emulator=${CARGO_TARGET_DIR:-target}/debug/singlestore-management-emulator
fi
emulator=$(realpath "$emulator")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck disable=SC2016 # backquotes of Markdown
sed -n '/^```js$/,/^```$/p' tests/emulator/README.md | sed '1d;$d' > "$work/emulator.mjs"
cat > "$work/seed.json" <<'JSON'
{"workspace_groups": [{"name": "seeded", "workspaces": [{"name": "etl", "size": "S-1"}]}]}
JSON
cat > "$work/app.mjs" <<'JS'
import assert from "node:assert/strict";
import { SingleStoreClient } from "@singlestore/client";

const client = new SingleStoreClient({ apiKey: process.env.SINGLESTOREDB_API_KEY });

const regions = await client.region.get();
assert.ok(regions.some((region) => region.name === "Europe West 1 (Ireland)"), "regions have the client's names");
assert.equal((await client.organization.get()).id.length, 36);

const [seeded] = await client.workspaceGroup.get();
assert.equal(seeded.name, "seeded");
assert.deepEqual((await seeded.workspace.get()).map((workspace) => workspace.name), ["etl"]);

const { workspaceGroup: group, adminPassword } = await client.workspaceGroup.create({
  name: "from-npm", regionName: "Europe West 1 (Ireland)", firewallRanges: ["10.0.0.0/8"],
});
assert.ok(adminPassword.length >= 14);
const workspace = await group.workspace.create({ name: "etl", size: "S-00" });
assert.equal(workspace.name, "etl");
assert.equal((await group.stage.createFolder(undefined, "in")).path, "in/");
await group.delete(true);
const left = (await client.workspaceGroup.get()).filter(({ name, state }) => name === "from-npm" && state !== "TERMINATED");
assert.deepEqual(left, []);

const { id } = await client.secret.create({ name: "npm_secret", value: "v" });
assert.equal((await client.secret.get({ id })).value, "v");

// The client reads `Usage`, which the document calls `usage`: its own function fails, and the response is what was asked for.
const period = { startTime: new Date("2026-01-01"), endTime: new Date("2026-01-02"), aggregateBy: "day" };
for (const metric of ["ComputeCredit", "StorageAvgByte"]) {
  await assert.rejects(client.billing.get({ metric, ...period }), /reading 'map'/);
  const query = new URLSearchParams({ metric, startTime: "2026-01-01T00:00:00Z", endTime: "2026-01-02T00:00:00Z" });
  const headers = { Authorization: `Bearer ${process.env.SINGLESTOREDB_API_KEY}` };
  const response = await fetch(`https://api.singlestore.com/v1/billing/usage?${query}`, { headers });
  const { billingUsage } = await response.json();
  assert.equal(billingUsage.length, 1, "one metric was asked for");
  assert.equal(billingUsage[0].usage.length > 0, true);
}
console.log("the npm client works");
JS
(cd "$work" && npm init -y >/dev/null && npm install --silent --no-audit --no-fund @singlestore/client@0.0.44)
cd "$work"
"$emulator" --log none --ready-after 0ms --polls 0 --seed seed.json exec -- node --import ./emulator.mjs app.mjs
