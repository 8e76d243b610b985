// Runs the three requests of the quick start, and shows the description of the API with swagger-ui; nothing is loaded from elsewhere.
const MADE_HERE = { id: { jobs: "job_id", disputes: "dispute_id", webhooks: "webhook_id", erasures: "erasure_id", keys: "key_id" }, score_id: "score_id", board_id: "board_id" };
const seen = {};
const WAIT_MS = 1000;
let ui;
let running;

const key = () => document.getElementById("key").value.trim();

function write(element, ...texts) {
  element.replaceChildren(...texts.map(([name, text]) => Object.assign(document.createElement(name), { textContent: text })));
}

// Words are the page's, in its language; `{name}` in them is filled in.
const words = document.querySelector("main").dataset;
const language = document.documentElement.lang;
const tell = (name, values) => words[name].replace(/\{(\w+)\}/g, (_, field) => values[field]);
const number = (value) => value.toLocaleString(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

function scored(score, name) {
  const side = words[name];
  if (score[name].score === null) return tell("none", { side, status: score[name].status });
  const { low, high } = score[name].interval;
  return tell("number", { side, score: number(score[name].score), low: number(low), high: number(high) });
}

const SHOWN = {
  job: (job) => [["p", tell("job", { status: job.status, url: job.results[0]?.score_url ?? job.urls.self })]],
  scores: ({ data: [row] }) => [["p", scored(row, "expertise")], ["p", scored(row, "interest")]],
  reasons: (score) => [["p", `${score.account.name} · ${scored(score, "expertise")}`], ...score.expertise.reasons.up.map((reason) => ["p", `+ ${reason}`]), ...score.expertise.reasons.down.map((reason) => ["p", `− ${reason}`])],
};

async function run(step) {
  const answer = step.querySelector(".answer");
  const { method, path, shows } = step.dataset;
  const headers = { Accept: "application/json", Prefer: "wait=30", ...(key() ? { Authorization: `Bearer ${key()}` } : {}) };
  const body = step.querySelector(".body")?.textContent;
  if (body) headers["Content-Type"] = "application/json";
  write(answer, ["p", words.asking]);
  const response = await fetch(path, { method, headers, body });
  const text = await response.text();
  const said = JSON.parse(text);
  if (response.status === 401) document.querySelector(".key").hidden = false;
  if (!response.ok) {
    write(answer, ["p", `${response.status}: ${said.detail}`]);
    return false;
  }
  remember(path, text);
  write(answer, ...SHOWN[shows](said));
  const whole = document.createElement("details");
  write(whole, ["summary", tell("whole", { status: response.status, n: text.length.toLocaleString(language) })], ["pre", JSON.stringify(said, null, 2)]);
  whole.lastChild.tabIndex = 0;
  answer.append(whole);
  return true;
}

// Ids that the service made are filled in where an operation asks for one.
function remember(path, text) {
  let said;
  try { said = JSON.parse(text); } catch { return; }
  const kind = /^(?:https?:\/\/[^/]+)?\/v1\/(?:scores\/[^/]+\/)?([a-z]+)/.exec(path)?.[1];
  const found = { ...(MADE_HERE.id[kind] && said.id ? { [MADE_HERE.id[kind]]: said.id } : {}) };
  for (const [, name, id] of text.matchAll(/"(score_id|board_id)":\s*"([^"]+)"/g)) found[name] ??= id;
  if (kind === "scores" && said.expertise && said.id) found.score_id = said.id;
  Object.assign(seen, found);
  fill(found);
}

function fill(ids) {
  const paths = ui?.specSelectors.specJson().get("paths")?.toJS() ?? {}; // none before the description has come
  for (const [address, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      for (const parameter of operation.parameters ?? []) {
        if (parameter.in === "path" && ids[parameter.name]) {
          ui.specActions.changeParam([address, method], parameter.name, "path", ids[parameter.name], false);
        }
      }
    }
  }
}

// What is tried out is edited, not its schema.
document.addEventListener("click", ({ target }) => {
  if (!target.closest?.(".try-out__btn")) return;
  const block = target.closest(".opblock");
  setTimeout(() => [...block.querySelectorAll(".opblock-section-request-body button.tablinks")].find((tab) => tab.textContent === "Edit Value")?.click());
});

// The description is as light or dark as the reader prefers.
const dark = matchMedia("(prefers-color-scheme: dark)");
const shade = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", shade);
shade();

// The three requests can be run before the description has come.
for (const origin of document.querySelectorAll(".origin")) origin.textContent = location.origin;
const steps = [...document.querySelectorAll(".start li")];
for (const step of steps) step.querySelector("button").addEventListener("click", () => { running = run(step); });
document.getElementById("all").addEventListener("click", () => { running = runAll(); });
document.getElementById("key").addEventListener("input", () => ui?.preauthorizeApiKey("key", key()));

async function runAll() {
  for (const step of steps) if (!(await run(step))) break;
  steps.findLast((step) => step.querySelector(".answer").firstChild)?.scrollIntoView({ block: "nearest" });
}

// Drawing the list takes the browser seconds, in which it answers nobody: it waits until what was asked is answered.
async function describe() {
  await running;
  ui ??= window.SwaggerUIBundle({
    url: "/openapi.json",
    onComplete: () => {
      if (key()) ui.preauthorizeApiKey("key", key());
      fill(seen);
    },
    dom_id: "#docs",
    deepLinking: true,
    validatorUrl: null,
    persistAuthorization: false,
    docExpansion: "none",
    defaultModelsExpandDepth: 0,
    defaultModelRendering: "model",
    defaultModelExpandDepth: 0,
    responseInterceptor: (response) => { if (response.ok && /\/v1\//.test(response.url)) remember(new URL(response.url).pathname, response.text ?? ""); return response; },
  });
}

window.addEventListener("load", () => {
  new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && describe()).observe(document.getElementById("docs"));
  setTimeout(describe, location.hash ? 0 : WAIT_MS);
});
