// Uploads and appends a file with the generated client: node upload.js URL KEY FILE MEDIA_TYPE; prints what was kept.
import { readFileSync } from "node:fs";
import { appendRecords, writeDataset } from "./client";
import { createClient } from "./client/client";

const [url, key, file, mediaType] = process.argv.slice(2);
const client = createClient({ baseUrl: url, auth: key });
const body = new Blob([readFileSync(file)]) as never; // sent as it is, whatever its form
const how = { client, body, bodySerializer: null, headers: { "Content-Type": mediaType } };

async function main() {
  const query = { network: "custom:beer", profile: "qa" } as const;
  const kept = await writeDataset({ ...how, path: { dataset_id: "beer" }, query, throwOnError: true });
  const again = await appendRecords({ ...how, path: { dataset_id: "beer" }, throwOnError: true });
  console.log(JSON.stringify([kept.data.records, again.data.records]));
}

main();
