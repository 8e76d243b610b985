// Offers the columns of a chosen table where the form asks what they hold, and fills in those it knows by name.
const first = 65536;
const signs = [",", ";", "\t", "|"];
const datalist = document.getElementById("columns");
const known = JSON.parse(datalist?.dataset.known ?? "{}");

const folded = (name) => name.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]/g, "");

// The names of columns in the first line of a text, or of the keys in the first object of JSON.
function columns(text) {
  if (/^\s*\[?\s*{/.test(text)) return keys(text);
  const line = text.replace(/^sep=.\r?\n/i, "").split(/\r?\n/, 1)[0];
  if (/^\s*[[<]/.test(line) || /[\0-\x08]/.test(line) || !text.includes("\n")) return [];
  const sign = signs.reduce((most, each) => (line.split(each).length > line.split(most).length ? each : most));
  return line.split(sign).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
}

function keys(text) {
  for (let end = text.indexOf("}"); end > 0; end = text.indexOf("}", end + 1)) {
    try {
      return Object.keys(JSON.parse(text.slice(text.indexOf("{"), end + 1)));
    } catch {
      // the object goes on
    }
  }
  return [];
}

function decoded(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return null;
  }
}

// Asks how the letters of a table are stored where they are not in UTF-8, with words that show which answer is right.
const charset = document.getElementById("charset");
let start = new Uint8Array();

function ask(isUtf8) {
  document.getElementById("charsets").hidden = isUtf8;
  if (isUtf8) charset.value = "";
  else charset.value ||= charset.options[1].value;
  show();
}

function show() {
  const text = new TextDecoder(charset.value || "utf-8").decode(start, { stream: true });
  const words = text.match(/[\p{L}\p{M}\ufffd]*[^\0-\x7f\s][\p{L}\p{M}\ufffd]*/gu) ?? [];
  document.getElementById("charset-words").textContent = [...new Set(words)].slice(0, 8).join(" · ");
}

charset?.addEventListener("change", show);

// UTF-16 and what is packed are read, and look like anything here.
const isText = (bytes) => !bytes.subarray(0, 512).some((byte) => byte < 9);

function fill(names) {
  if (names.filter((name) => ["id", "actor", "type", "published"].includes(folded(name))).length > 2) return;
  const left = new Map(names.map((name) => [folded(name), name]));
  for (const [field, usual] of Object.entries(known)) {
    const input = document.getElementById(`column_${field}`);
    const found = usual.find((each) => left.has(each));
    if (!input || input.value || !found) continue;
    input.value = left.get(found);
    input.dataset.filled = "yes";
    left.delete(found);
    datalist.closest("details").open = true;
  }
}

// A file that was mended under the same name is no change to the browser, which would send the one it saw before.
document.getElementById("file")?.addEventListener("click", ({ target }) => (target.value = ""));

document.getElementById("file")?.addEventListener("change", async ({ target }) => {
  const bytes = new Uint8Array(target.files.length ? await target.files[0].slice(0, first).arrayBuffer() : []);
  const text = isText(bytes) ? decoded(bytes) : "";
  start = bytes;
  const isTable = document.getElementById("kind").value === "records";
  ask(text !== null || !isTable);
  const names = columns(text ?? new TextDecoder(charset.value).decode(bytes)).filter(Boolean);
  datalist.replaceChildren(...names.map((value) => Object.assign(document.createElement("option"), { value })));
  for (const input of document.querySelectorAll("[list=columns][data-filled]")) input.value = "";
  if (isTable) fill(names);
});
