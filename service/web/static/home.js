// Finds people while a name is typed, keeps those who are picked together, and says how many are few.
const form = document.getElementById("people");
const said = document.getElementById("choosing").dataset;
const found = document.getElementById("found");
const picked = form.querySelector(".picked");
let asked = 0;

function row({ account, name, recognised_by }) {
  const item = document.createElement("li");
  const label = document.createElement("label");
  const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "pick", value: account });
  label.append(box, " ", Object.assign(document.createElement("bdi"), { textContent: name || account }));
  if (name && name !== account) label.append(" ", quiet(account));
  const words = recognised_by === 0 ? said.recognisedNone : recognised_by === 1 ? said.recognisedOne : said.recognisedOther;
  item.append(label, " ", quiet(words.replace("{n}", recognised_by.toLocaleString(said.language))));
  return item;
}

const quiet = (text) => Object.assign(document.createElement("span"), { className: "quiet", textContent: text });
const chosen = () => new Set([...picked.querySelectorAll("input[name=pick]")].map((box) => box.value));

async function people(written, most) {
  const answer = await fetch(`/v1/datasets/${encodeURIComponent(said.dataset)}/people?${new URLSearchParams({ q: written, limit: most })}`, { credentials: "same-origin" });
  return answer.ok ? (await answer.json()).data : [];
}

// Shows what `show` makes of the people found, unless more was typed meanwhile.
function search(field, show) {
  const look = async () => {
    const turn = ++asked;
    const written = field.value.trim();
    const rows = written ? await people(written, 12) : [];
    if (turn === asked) show(rows, written);
  };
  field.addEventListener("input", look);
  if (field === document.activeElement && field.value) look(); // somebody typed before this was loaded
}

function count() {
  const size = picked.querySelectorAll("input[name=pick]").length;
  picked.hidden = size === 0;
  document.getElementById("count").textContent = size;
  document.getElementById("few").hidden = size >= Number(said.few);
}

if (picked) {
  const list = picked.querySelector("ul");
  form.addEventListener("change", ({ target }) => {
    if (target.name !== "pick") return;
    form.querySelector("input[name=trust_root][value=named]").checked = true;
    const others = [...form.querySelectorAll("input[name=pick]")].filter((box) => box !== target && box.value === target.value);
    for (const box of others) box.closest("li").remove();
    if (target.checked) list.append(target.closest("li"));
    else target.closest("li").remove();
    count();
    (target.isConnected ? target : document.getElementById("q")).focus();
  });
  search(document.getElementById("q"), (rows, written) => {
    const known = chosen();
    const items = rows.filter((each) => !known.has(each.account)).map(row);
    const several = document.createElement("ul");
    several.className = "pick-list";
    several.append(...items);
    found.replaceChildren(...(items.length ? [several] : written ? [quiet(said.nobody)] : []));
  });
  document.getElementById("q").addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // it is found already; Enter would leave the page
  });
  search(document.getElementById("person"), (rows) => {
    const options = rows.map(({ account, name }) => Object.assign(document.createElement("option"), { value: account, label: name || account }));
    document.getElementById("persons").replaceChildren(...options);
  });
}
