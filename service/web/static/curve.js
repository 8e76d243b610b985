// The published curve: points = weight · Φ(ln(x/p50)/σ), σ = ln(p90/p50)/1.2815515655446004; 0 at 0.
const Z90 = 1.2815515655446004;
const FAR = 6; // beyond it erf is 1 to the last digit

// erf by the series whose terms are all positive (Abramowitz & Stegun 7.1.6): nothing cancels.
function erf(x) {
  const z = Math.abs(x);
  if (z > FAR) return Math.sign(x);
  let term = z;
  let sum = z;
  for (let n = 1; term > sum * 1e-17; n += 1) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return (Math.sign(x) * 2 * Math.exp(-z * z) * sum) / Math.sqrt(Math.PI);
}

// The share of a feature's points, 0 to 1, that a raw value gives.
export function share(raw, p50, p90) {
  if (raw <= 0) return 0;
  return (1 + erf(((Math.log(raw / p50) / Math.log(p90 / p50)) * Z90) / Math.SQRT2)) / 2;
}
