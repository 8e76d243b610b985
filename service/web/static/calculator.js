// The calculator: one slider for each quantity, and what the published curves make of it. What it shows is no score.
import { share } from "./curve.js";

const STEPS = 1000;
const MILLION = 1e6;
const root = document.getElementById("calculator");
const language = root.dataset.language;
const prior = Number(root.dataset.prior);
const power = Number(root.dataset.power);
const said = (value, places) =>
  value.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places });

class Quantity {
  constructor(place, changed) {
    this.place = place;
    this.most = Number(place.dataset.most);
    this.whole = place.dataset.unit === "people";
    this.input = place.querySelector("input");
    // Low values have most of the slider: that is where the curve climbs. People are counted one by one.
    this.input.addEventListener("input", () => {
      this.value = this.whole ? Number(this.input.value) : this.most * (this.input.value / STEPS) ** 2;
      this.moved = true;
      changed();
    });
    this.reset();
  }

  reset() {
    this.value = Number(this.place.dataset.value);
    this.moved = false;
    this.input.value = this.whole ? this.value : STEPS * Math.sqrt(this.value / this.most);
  }

  show() {
    const name = this.place.dataset.quantity;
    let written = this.place.dataset.unit === "share" ? this.value.toLocaleString(language, { style: "percent" }) : said(this.value, this.whole ? 0 : 1);
    if (HELD.includes(name) && moved(name, "behind") && allowed() < this.value) {
      written += ` ${root.dataset.counts.replace("{n}", said(allowed(), 1))}`;
    }
    this.place.querySelector(".said").value = written;
    this.input.setAttribute("aria-valuetext", written);
  }
}

const quantities = new Map();
const value = (name) => quantities.get(name)?.value ?? 0;
const moved = (...names) => names.some((name) => quantities.get(name)?.moved);

// So many supporters are all that the trusted people behind an account allow, each of them in full.
const HELD = ["on_topic", "recent"];
function allowed() {
  const { trusted, alone, together, shared } = root.dataset;
  if (trusted === undefined) return Infinity;
  const behind = value("behind");
  return behind * (Number(alone) + (Number(together) / Number(trusted)) * (behind / Number(trusted)) ** Number(shared));
}
const held = (name) => Math.min(value(name), allowed());

// What makes each part: the quantities it depends on, and its raw value. A part of interest is a quantity itself.
const MADE = {
  acknowledged_help: [["behind", "on_topic"], () => held("on_topic")],
  specialised_help: [
    ["behind", "on_topic", "other_topics"],
    () => held("on_topic") * ((held("on_topic") + prior) / (held("on_topic") + value("other_topics") + prior)) ** power,
  ],
  still_recognised: [
    ["behind", "on_topic", "recent"],
    () => Math.sqrt(held("on_topic") * Math.min(held("recent"), Number(root.dataset.recentMost) * held("on_topic"))),
  ],
};

// Points in millionths, rounded as the method does but for ties, which do not happen by chance.
function millionths(part) {
  const { p50, p90, weight, raw } = part.dataset;
  const [names, made] = MADE[part.dataset.part] ?? [[part.dataset.part], () => value(part.dataset.part)];
  const now = moved(...names) ? made() : Number(raw);
  return Math.round(Number(weight) * share(now, Number(p50), Number(p90)) * MILLION);
}

function show() {
  quantities.forEach((quantity) => quantity.show());
  for (const side of root.querySelectorAll("[data-side]")) {
    const points = [...side.querySelectorAll("[data-part]")].map((part) => {
      const given = millionths(part);
      part.querySelector(".points").value = said(given / MILLION, 2);
      return given;
    });
    const total = points.reduce((all, one) => all + one, 0);
    const sum = side.querySelector(".sum");
    sum.value = said(total / MILLION, 1);
    sum.dataset.millionths = total;
    const written = points.map((one) => said(one / MILLION, 6)).join(" + ");
    document.getElementById(`${side.dataset.side}-exact`).value = `${written} = ${said(total / MILLION, 6)}`;
  }
}

for (const place of root.querySelectorAll(".slider")) quantities.set(place.dataset.quantity, new Quantity(place, show));
const reset = document.getElementById("reset");
reset.hidden = false;
reset.addEventListener("click", () => {
  quantities.forEach((quantity) => quantity.reset());
  show();
});
show();
