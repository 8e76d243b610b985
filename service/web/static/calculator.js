// The calculator: sliders on the published curves. What it shows is no score.
import { share } from "./curve.js";

const STEPS = 1000;
const WIDEST = 3; // how far the sliders go, in 90 % points
const root = document.getElementById("calculator");
const language = root.dataset.language;
const said = (value, places) =>
  value.toLocaleString(language, { minimumFractionDigits: places, maximumFractionDigits: places });

class Slider {
  constructor(field, changed) {
    this.field = field;
    const given = field.dataset;
    this.p50 = Number(given.p50);
    this.p90 = Number(given.p90);
    this.most = given.unit === "share" ? 1 : Math.max(WIDEST * this.p90, Number(given.raw));
    this.rawInput = field.querySelector("input.raw");
    this.weightInput = field.querySelector("input.weight");
    // Low values have most of the slider: that is where the curve climbs.
    this.rawInput.addEventListener("input", () => {
      this.raw = this.most * (this.rawInput.value / STEPS) ** 2;
      changed();
    });
    this.weightInput.addEventListener("input", () => {
      this.weight = Number(this.weightInput.value);
      changed();
    });
    this.reset();
  }

  reset() {
    this.raw = Number(this.field.dataset.raw);
    this.weight = Number(this.field.dataset.weight);
    this.rawInput.value = STEPS * Math.sqrt(this.raw / this.most);
    this.weightInput.value = this.weight;
  }

  // Points in millionths, rounded as the method does but for ties, which do not happen by chance.
  get millionths() {
    return Math.round(this.weight * share(this.raw, this.p50, this.p90) * 1e6);
  }

  show() {
    const raw = this.field.dataset.unit === "share" ? this.raw.toLocaleString(language, { style: "percent" }) : said(this.raw, 1);
    this.field.querySelector(".raw-said").value = raw;
    this.field.querySelector(".weight-said").value = said(this.weight, 0);
    this.rawInput.setAttribute("aria-valuetext", raw);
    this.field.querySelector(".points").value = said(this.millionths / 1e6, 2);
  }
}

const sliders = [];
function show() {
  for (const side of root.querySelectorAll("[data-side]")) {
    const own = sliders.filter((slider) => side.contains(slider.field));
    own.forEach((slider) => slider.show());
    const sum = side.querySelector(".sum");
    sum.value = said(own.reduce((total, slider) => total + slider.millionths, 0) / 1e6, 1);
    sum.dataset.millionths = own.reduce((total, slider) => total + slider.millionths, 0);
  }
}

for (const field of root.querySelectorAll(".slider")) sliders.push(new Slider(field, show));
const reset = document.getElementById("reset");
reset.hidden = false;
reset.addEventListener("click", () => {
  sliders.forEach((slider) => slider.reset());
  show();
});
show();
