// Which rules of our stylesheets nothing on the page that is open fits, by the name of the file.
() => {
  const rules = (list) => [...list].flatMap((rule) => (rule.selectorText ? [rule] : rule.cssRules ? rules(rule.cssRules) : []));
  const lasting = (selector) => selector.replace(/::?(hover|focus-visible|focus|target|before|after|checked|-webkit-[a-z-]+)/g, "");
  const fits = ({ selectorText }) => {
    try {
      return document.querySelector(lasting(selectorText)) !== null;
    } catch {
      return true; // nothing is left of it without what comes and goes
    }
  };
  const ours = [...document.styleSheets].filter((sheet) => sheet.href?.includes("/static/"));
  return Object.fromEntries(ours.map((sheet) => [new URL(sheet.href).pathname.split("/").pop(), rules(sheet.cssRules).filter((rule) => !fits(rule)).map((rule) => rule.selectorText)]));
}
