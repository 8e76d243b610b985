// Shows what a chosen file holds before it is sent: its columns, those that are known filled in, and its letters.
const first = 262144;
const mostWhole = 16777216;
const datalist = document.getElementById("columns");
const kind = document.getElementById("kind");
const charset = document.getElementById("charset");
const file = document.getElementById("file");
let start = new Uint8Array();

// A workbook says at its end what is in it, and so does Parquet: they are sent whole.
const part = (chosen) =>
  /\.(xlsx|parquet)$/i.test(chosen.name) && chosen.size <= mostWhole ? chosen : chosen.slice(0, first);

async function look(body, named) {
  const headers = { "X-CSRF-Token": datalist.dataset.token, "Content-Type": "application/octet-stream" };
  const asked = named ? `?${new URLSearchParams({ charset: named })}` : "";
  const sent = { method: "POST", body, headers, credentials: "same-origin" };
  const answer = await fetch(`/columns${asked}`, sent).catch(() => null); // as when the page is left meanwhile
  return answer?.ok ? answer.json() : null;
}

// Words that show which charset is right.
function show() {
  const text = new TextDecoder(charset.value || "utf-8").decode(start, { stream: true });
  const words = text.match(/[\p{L}\p{M}\ufffd]*[^\0-\x7f\s][\p{L}\p{M}\ufffd]*/gu) ?? [];
  document.getElementById("charset-words").textContent = [...new Set(words)].slice(0, 8).join(" · ");
}

function fill({ names, fields }) {
  datalist.replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
  for (const input of document.querySelectorAll("[list=columns][data-filled]")) input.value = "";
  for (const [field, column] of Object.entries(fields)) {
    const input = document.getElementById(`column_${field}`);
    if (!input || input.value) continue;
    input.value = column;
    input.dataset.filled = "yes";
    datalist.closest("details").open = true;
  }
}

async function ask(named) {
  const chosen = file.files[0];
  if (!chosen || kind.value !== "records") return;
  const bytes = await part(chosen).arrayBuffer().catch(() => null); // as when the file is written anew meanwhile
  if (!bytes) return;
  start = new Uint8Array(bytes).subarray(0, first);
  const found = await look(bytes, named);
  if (!found || chosen !== file.files[0]) return;
  charset.value = found.charset ?? "";
  document.getElementById("charsets").hidden = !found.charset && !named;
  show();
  fill(found);
}

// What somebody wrote themselves is no guess, and stays.
for (const input of document.querySelectorAll("[list=columns]")) {
  input.addEventListener("input", () => delete input.dataset.filled);
}

// A file that was mended under the same name is no change to the browser, which would send the one it saw before.
file?.addEventListener("click", () => (file.value = ""));
file?.addEventListener("change", () => ask(""));
kind?.addEventListener("change", () => ask(""));
charset?.addEventListener("change", () => ask(charset.value || "utf-8"));
