// Offers the columns of a chosen table where the form asks what they hold.
const first = 65536;
const signs = [",", ";", "\t", "|"];

async function columns(file) {
  const text = await file.slice(0, first).text();
  const line = text.replace(/^\ufeff/, "").replace(/^sep=.\r?\n/i, "").split(/\r?\n/, 1)[0];
  if (/^\s*[[{<]/.test(line) || text.startsWith("PAR1") || !text.includes("\n")) return [];
  const sign = signs.reduce((most, each) => (line.split(each).length > line.split(most).length ? each : most));
  return line.split(sign).map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
}

document.getElementById("file")?.addEventListener("change", async ({ target }) => {
  const names = target.files.length ? await columns(target.files[0]) : [];
  const options = names.filter(Boolean).map((value) => Object.assign(document.createElement("option"), { value }));
  document.getElementById("columns").replaceChildren(...options);
});
