// The tasks as the npm client does them. Its base URL is a constant, so `fetch` sends its requests elsewhere.

const { readFileSync } = require("node:fs");
const { SingleStoreClient } = require("@singlestore/client");

if (process.argv[2] === "probe") process.exit(0);

const real = globalThis.fetch;
globalThis.fetch = (url, options) => real(String(url).replace("https://api.singlestore.com", process.env.URL), options);

const client = new SingleStoreClient({ apiKey: process.env.KEY });
const calls = Number(process.env.CALLS);

async function get() {
  const group = await client.workspaceGroup.get({ where: { id: process.env.ID } });
  if (group.name.length !== 8) throw new Error(`a different group was returned: ${group.name}`);
}

async function main() {
  if (process.env.TASK === "list") {
    const groups = await client.workspaceGroup.get();
    if (groups.length !== Number(process.env.GROUPS)) throw new Error(`${groups.length} groups were returned`);
  } else {
    const atOnce = process.env.TASK === "gets" ? 1 : 32;
    const tasks = Array.from({ length: atOnce }, async (_, task) => {
      for (let call = task; call < calls; call += atOnce) await get();
    });
    await Promise.all(tasks);
  }
  const { user, system } = process.cpuUsage();
  const memory = readFileSync("/proc/self/status", "utf8").match(/VmHWM:\s+(\d+)/)[1];
  console.log((user + system) / 1e3, memory);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
