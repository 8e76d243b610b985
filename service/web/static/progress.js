// Follows a job: asks for this very page again, held until the job has ended or two seconds have passed.
const HOLD = { headers: { Prefer: "wait=2", Accept: "text/html" }, credentials: "same-origin" };
const PAUSE_MS = 400;
const TROUBLE_MS = 3000;

const said = document.getElementById("said");
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const next = page.getElementById("job");
  const here = document.getElementById("job");
  if (next === null) return false;
  const words = ["h1", ".so-far"].map((part) => next.querySelector(part)?.textContent.trim()).filter(Boolean).join(". ");
  if (said.textContent !== words) said.textContent = words; // a screen reader hears how far it is, not the whole page anew
  here.className = next.className; // another page may stand there once it has ended
  if (next.innerHTML !== here.innerHTML) here.replaceChildren(...next.childNodes);
  document.title = page.title;
  return next.dataset.ended === "yes";
}

async function follow() {
  for (;;) {
    try {
      const answer = await fetch(location.href, HOLD);
      if (answer.redirected) {
        location.replace(answer.url);
        return;
      }
      if (show(await answer.text())) return;
      await pause(PAUSE_MS);
    } catch {
      await pause(TROUBLE_MS);
    }
  }
}

follow();
