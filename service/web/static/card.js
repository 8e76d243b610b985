// "Recompute in my browser": adds the parts up from the document alone, in whole millionths, and shows that they meet.
import { share } from "./curve.js";

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

function* checks(score) {
  yield* checksOf(score.expertise, words.expertise);
  yield* checksOf(score.interest, words.interest);
  const onTopic = score.expertise.evidence.filter((voice) => voice.scope === "on_topic");
  const voices = onTopic.reduce((total, voice) => total + voice.counted, score.expertise.evidence_rest);
  const { all_kinds: all } = score.expertise.totals;
  if (onTopic.length > 0) {
    yield [Math.abs(voices - all) <= 1e-9 * Math.max(1, all), said(words.voices, { voices: written(millionths(voices)) })];
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
