// What is wrong with the page that is open, as far as it can be measured: widths, targets, cut and overlapping texts, English in French.
() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
  const named = (element) => `${element.tagName.toLowerCase()}${element.className?.baseVal ?? (element.className && "." + element.className)} “${(element.textContent || element.getAttribute("aria-label") || element.name || "").trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  const width = document.documentElement.clientWidth;
  const found = [];
  const scrolls = (element) => { for (let at = element; at; at = at.parentElement) if (["auto", "scroll", "hidden"].includes(getComputedStyle(at).overflowX)) return true; return false; };

  if (document.documentElement.scrollWidth > width) {
    const outside = all("body *").filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element));
    found.push(`wider than the screen by ${document.documentElement.scrollWidth - width}: ${outside.slice(-1).map(named)}`);
  }
  for (const element of all("a, button, input:not([type=hidden]), select, summary, textarea")) {
    const box = element.getBoundingClientRect();
    const inText = getComputedStyle(element).display === "inline" && [...element.parentElement.childNodes].some((node) => node.nodeType === 3 && node.data.trim().length > 1);
    const labelled = element.labels?.length && [...element.labels].some((label) => label.getBoundingClientRect().height >= 24);
    if (!inText && !labelled && !element.closest("svg") && Math.min(box.width, box.height) < 23.5) found.push(`small target ${Math.round(box.width)}×${Math.round(box.height)}: ${named(element)}`);
  }
  for (const element of all("main *, header *, footer *")) {
    const style = getComputedStyle(element);
    if (["hidden", "clip"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && !element.classList.contains("hidden") && !element.closest("svg")) found.push(`cut: ${named(element)}`);
  }
  for (const element of all("button, .button, th, dt, .step-title, nav a")) {
    const range = document.createRange();
    range.selectNodeContents(element);
    if (range.getBoundingClientRect().width > element.getBoundingClientRect().width + 1) found.push(`text outside of: ${named(element)}`);
  }
  for (const picture of all("svg")) {
    const edge = picture.getBoundingClientRect();
    const texts = [...picture.querySelectorAll("text")].filter(seen).map((text) => [text, text.getBoundingClientRect()]);
    for (const [text, box] of texts) if (box.left < edge.left - 1 || box.right > edge.right + 1) found.push(`text outside of picture: ${named(text)}`);
    texts.forEach(([text, a], place) => {
      for (const [other, b] of texts.slice(place + 1)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left), down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 2 && down > 4) found.push(`texts overlap: ${named(text)} and ${named(other)}`);
      }
    });
    const small = texts.filter(([text]) => parseFloat(getComputedStyle(text).fontSize) * (edge.width / (picture.viewBox.baseVal?.width || edge.width)) < 10.5);
    if (small.length) found.push(`tiny text in a picture: ${named(small[0][0])}`);
  }
  for (const text of all("main p, main li, main td, main th, main label, main button, main a, main span, main dd")) {
    if (text.childElementCount === 0 && text.textContent.trim() && parseFloat(getComputedStyle(text).fontSize) < 12 && !text.closest("svg")) { found.push(`text under 12 px: ${named(text)}`); break; }
  }
  for (const image of all("img:not([alt]), svg:not([aria-hidden]):not([aria-label]):not([aria-labelledby])")) if (!image.querySelector("title") && !image.closest("[aria-hidden=true], .swagger-ui")) found.push(`picture without a text: ${named(image)}`);
  if (document.documentElement.lang === "fr") {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      const foreign = parent.closest("[lang]:not([lang=fr]), bdi, code, pre, script, style, [translate=no]");
      if (!foreign && /(?<![\p{L}\d-])(the|of|and|is|are|with|not|for|this|that|which|from|to)(?![\p{L}\d-])/u.test(walker.currentNode.data)) found.push(`English: “${walker.currentNode.data.trim().slice(0, 80)}”`);
    }
  }
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return { found: [...new Set(found)].slice(0, 25), height: document.documentElement.scrollHeight, paint_ms: Math.round(paint?.startTime ?? 0) };
}
