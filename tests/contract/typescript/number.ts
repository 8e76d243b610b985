// From nothing to a number with reasons, with the generated client: node number.js URL KEY FILE; prints what came of it.
import { readFileSync } from "node:fs";
import { createJob, listPeople, readJob, readScore, readSuggestions, writeDataset, writeTrustRoot } from "./client";
import { createClient } from "./client/client";

const [url, key, file] = process.argv.slice(2);
const client = createClient({ baseUrl: url, auth: key });
const how = { client, throwOnError: true } as const;
const dataset_id = "town";

async function main() {
  const body = new Blob([readFileSync(file)]) as never; // sent as it is, whatever its form
  const headers = { "Content-Type": "application/x-ndjson" };
  const query = { network: "custom:demo", profile: "forum" } as const;
  await writeDataset({ ...how, path: { dataset_id }, query, body, bodySerializer: null, headers });

  const suggested = (await readSuggestions({ ...how, path: { dataset_id } })).data;
  const trusted = suggested.trust_roots[0].people.slice(0, 12).map(({ account }) => ({ account }));
  await writeTrustRoot({
    ...how,
    path: { root_id: "town" },
    body: { kind: "accounts", network: "custom:demo", accounts: trusted },
  });

  const found = (await listPeople({ ...how, path: { dataset_id }, query: { q: "vasile" } })).data.data[0];
  const asked = {
    accounts: [{ network: "custom:demo", account: found.account }],
    topics: ["space-technology"],
    trust_root: "town",
    dataset: dataset_id,
    as_of: "2026-11-01T00:00:00Z",
  };
  let job = (await createJob({ ...how, body: asked })).data;
  while (job.status === "queued" || job.status === "running") {
    job = (await readJob({ ...how, path: { job_id: job.id }, headers: { Prefer: "wait=10" } })).data;
  }

  const score_id = job.results[0].score_id;
  if (!score_id) throw new Error(JSON.stringify(job));
  const score = (await readScore({ ...how, path: { score_id } })).data;
  const { expertise } = score;
  console.log(JSON.stringify({ name: score.account.name, number: expertise.score, reasons: expertise.reasons.up }));
}

main();
