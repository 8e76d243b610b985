// "Recompute in my browser": adds the parts up from the document alone, in whole millionths, and shows that they meet.
import { share } from "./curve.js";

// On paper everything stands open; afterwards it is as it was.
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const part of closed) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of closed) part.open = false;
});

const MILLION = 1_000_000;
const TIES = 1; // the curve in floating point may fall on the other side of a tie, one millionth away
const button = document.getElementById("recompute");
const place = document.getElementById("recomputed");
const words = JSON.parse(document.getElementById("recompute-words").textContent);

// Decimals of at most six places are exact as whole millionths.
const millionths = (value) => BigInt(Math.round(value * MILLION));
const sum = (values) => values.reduce((total, value) => total + value, 0n);
const written = (value) => {
  const digits = value.toString().padStart(7, "0");
  return `${digits.slice(0, -6)}${words.point}${digits.slice(-6)}`;
};
const said = (text, parts) => text.replace(/\{(\w+)\}/g, (_, name) => parts[name]);

function* checksOf(side, name) {
  const given = side.features.map((feature) => millionths(feature.contribution));
  const total = sum(given);
  const parts = given.map(written).join(" + ");
  if (side.score !== null) {
    yield [total === millionths(side.score), said(words.sum, { side: name, parts, total: written(total) })];
  }
  const kinds = side.features.filter((feature) => feature.by_kind?.length > 0);
  if (kinds.length > 0) {
    const meet = kinds.every(
      (f) => sum(f.by_kind.map((kind) => millionths(kind.contribution))) === millionths(f.contribution),
    );
    yield [meet, said(words.kinds, { side: name })];
  }
  const onCurve = side.features.every((f) => {
    const points = f.weight * share(f.raw, f.curve.p50, f.curve.p90) * MILLION;
    return Math.abs(points - Number(millionths(f.contribution))) <= TIES;
  });
  yield [onCurve, said(words.curve, { side: name })];
}

const near = (one, other) => Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other));
const added = (rows, rest, amount) => rows.reduce((total, row) => total + row[amount], rest);
const onTopic = (rows) => rows.filter((row) => row.scope === "on_topic");

// Whose trust the voices rest on: what may rest on one grows with how many stand behind. Where not all are shown, what
// they allow together is checked, and the limit of one is taken from the document.
function* checksOfSeeds({ backers = [], backers_rest: rest, totals }, backing) {
  const rows = onTopic(backers);
  const limit = totals.most_per_trusted;
  if (!rest) {
    const people = Math.max(1, totals.trusted_people);
    const behind = rows.reduce((total, row) => total + row.trust / (row.trust + backing.half_behind), 0);
    const most = backing.alone + (backing.together / people) * Math.min(1, behind / people) ** backing.shared_power;
    yield [near(limit, most), said(words.limit, { voices: written(millionths(limit)) })];
  }
  const worth = rows.every(
    (row, place) =>
      near(row.worth, Math.min(row.trust, limit)) && (place === 0 || row.trust <= rows[place - 1].trust),
  );
  const allowed = added(rows, rest ?? 0, "worth");
  yield [worth, words.worth];
  yield [near(allowed, totals.backed), said(words.seeds, { voices: written(millionths(allowed)) })];
}

function* checks(score) {
  yield* checksOf(score.expertise, words.expertise);
  yield* checksOf(score.interest, words.interest);
  const { evidence, evidence_rest: rest, totals, features } = score.expertise;
  const rows = onTopic(evidence);
  const voices = added(rows, rest, "voice");
  if (rows.length > 0) {
    yield [near(voices, totals.all_kinds), said(words.voices, { voices: written(millionths(voices)) })];
  }
  if (button.dataset.backing) yield* checksOfSeeds(score.expertise, JSON.parse(button.dataset.backing));
  const help = features.find((feature) => feature.id === "acknowledged_help");
  if (help) {
    const least = Math.min(totals.all_kinds, totals.help + totals.posts, totals.backed ?? Infinity);
    const meet = near(least, totals.on_topic) && near(least, help.raw);
    yield [meet, said(words.least, { voices: written(millionths(least)) })];
  }
}

function show(results) {
  const list = document.createElement("ul");
  list.className = "checks";
  for (const [holds, text] of results) {
    const item = document.createElement("li");
    item.className = holds ? "holds" : "fails";
    const mark = document.createElement("strong");
    mark.textContent = holds ? words.holds : words.fails;
    item.append(mark, " ", text);
    list.append(item);
  }
  const title = document.createElement("h2");
  title.textContent = results.every(([holds]) => holds) ? words.all : words.not_all;
  const limits = document.createElement("p");
  limits.textContent = words.limits;
  place.replaceChildren(title, list, limits);
  place.hidden = false;
}

async function recompute() {
  button.disabled = true;
  try {
    const answer = await fetch(button.dataset.document, { credentials: "same-origin" });
    if (!answer.ok) throw new Error(String(answer.status));
    show([...checks(await answer.json())]);
  } catch {
    place.textContent = words.unreadable;
    place.hidden = false;
  } finally {
    button.disabled = false;
  }
}

button.hidden = false;
button.addEventListener("click", recompute);
