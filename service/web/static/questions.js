// Offers only the trusted people of the community that is chosen.
const community = document.getElementById("dataset");
const trusted = document.getElementById("trust_root");
const lists = [...trusted.options];

function offer() {
  const { network } = community.selectedOptions[0].dataset;
  const fitting = lists.filter((each) => !each.dataset.network || each.dataset.network === network);
  for (const each of fitting) each.hidden = each.disabled = false;
  const kept = trusted.value; // as moving the options would choose another
  trusted.replaceChildren(...fitting);
  trusted.value = fitting.some((each) => each.value === kept) ? kept : "";
}

community.addEventListener("change", offer);
offer();
