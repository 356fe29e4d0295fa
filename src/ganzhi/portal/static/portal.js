// What a script adds to pages that work without one: parts replaced in place, pages that are renewed, a crosshair on trends,
// arrow keys in tables, "/" for search, menus that close. Nothing here holds the only copy of a fact.

let newest = 0;

// Fetch one part of a page and put it in the place of the old one; whatever fails loads the page instead.
async function replacePart(url, id, push) {
  const turn = ++newest;
  const focused = document.activeElement;
  const text = focused && focused.textContent;
  try {
    const answer = await fetch(url, { headers: { "X-Partial": id }, credentials: "same-origin" });
    if (turn !== newest) return;
    if (!answer.ok || answer.headers.get("X-Partial") !== id) throw new Error("not a part");
    const html = await answer.text();
    if (turn !== newest) return;
    const made = new DOMParser().parseFromString(html, "text/html").getElementById(id);
    const old = document.getElementById(id);
    if (!made || !old) throw new Error("no such part");
    const inside = old.contains(focused);
    old.replaceWith(made);
    if (push) history.pushState({ part: id }, "", url);
    if (inside) {
      const same = [...made.querySelectorAll("a[data-part]")].filter((link) => link.textContent === text)[0];
      (same || made.querySelector("a") || made).focus({ preventScroll: true });
    }
    chartsIn(made);
  } catch (error) {
    if (turn === newest) location.assign(url);
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a[data-part]");
  if (link && !event.defaultPrevented && event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
    event.preventDefault();
    replacePart(link.href, link.dataset.part, true);
  }
  for (const menu of document.querySelectorAll("details.sel[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

addEventListener("popstate", () => location.reload());

document.addEventListener("keydown", (event) => {
  const at = event.target;
  const typing = at.matches && at.matches("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    document.getElementById("find").focus();
  } else if (event.key === "Escape") {
    const open = document.querySelector("details.sel[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  } else if (!typing && event.key.startsWith("Arrow")) {
    moveInTable(event);
  }
});

// Arrow keys move between the links of a table: up and down within the column, left and right along the row.
function moveInTable(event) {
  const link = event.target.closest && event.target.closest("table[data-keys] a");
  if (!link) return;
  const table = link.closest("table");
  const cell = link.closest("td, th");
  const row = cell.parentElement;
  const rows = [...table.querySelectorAll("tbody tr")].filter((each) => each.querySelector("a"));
  const links = [...row.querySelectorAll("a")];
  let target = null;
  if (event.key === "ArrowRight") target = links[links.indexOf(link) + 1];
  if (event.key === "ArrowLeft") target = links[links.indexOf(link) - 1];
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step) {
    const next = rows[rows.indexOf(row) + step];
    const kind = cell.className.split(" ").filter(Boolean).map((name) => `.${CSS.escape(name)}`).join("");
    target = next && ((kind && next.querySelector(`${kind} a`)) || next.querySelectorAll("a")[links.indexOf(link)] || next.querySelector("a"));
  }
  if (target) {
    event.preventDefault();
    target.focus();
  }
}

// A line and the words of the nearest period on each trend; the same numbers stand in its table.
function chartsIn(root) {
  for (const svg of root.querySelectorAll("svg[data-points]")) {
    const points = JSON.parse(svg.dataset.points);
    const [top, bottom] = svg.dataset.span.split(",").map(Number);
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("stroke", "#55606e");
    line.setAttribute("stroke-width", "1");
    const tip = document.createElement("div");
    tip.className = "tip";
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    svg.append(line);
    svg.parentElement.append(tip);
    svg.addEventListener("pointermove", (event) => {
      const box = svg.getBoundingClientRect();
      const scale = svg.viewBox.baseVal.width / box.width;
      const x = (event.clientX - box.left) * scale;
      let near = points[0];
      for (const point of points) if (Math.abs(point[0] - x) < Math.abs(near[0] - x)) near = point;
      line.setAttribute("d", `M${near[0]} ${top}V${bottom}`);
      tip.hidden = false;
      tip.textContent = `${near[2]}  ${near[3]}`;
      const left = near[0] / scale;
      tip.style.left = `${Math.min(Math.max(0, left + 8), box.width - tip.offsetWidth)}px`;
      tip.style.top = `${top / scale}px`;
    });
    svg.addEventListener("pointerleave", () => {
      line.removeAttribute("d");
      tip.hidden = true;
    });
  }
}

// Pages that people leave open are renewed: what stands in the page is replaced by what the same address says now.
// Nothing is touched while somebody types, chooses, marks text or has a menu open; whatever fails is tried again.
const renewed = document.querySelector("main[data-renewed]");
let shown = null;

function inUse(main) {
  const changed = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
    : field.tagName === "SELECT" ? field.selectedIndex > 0 && !field.options[field.selectedIndex].defaultSelected
    : field.type !== "hidden" && field.value !== field.defaultValue;
  const marked = getSelection();
  return document.activeElement.matches("input, textarea, select") || document.querySelector("details.sel[open]") !== null
    || (!marked.isCollapsed && main.contains(marked.anchorNode)) || [...main.querySelectorAll("input, textarea, select")].some(changed);
}

async function renew(main) {
  const answer = await fetch(location.href, { credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const made = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main[data-renewed]");
  if (!made || inUse(main) || made.innerHTML === shown) return;
  shown = made.innerHTML;
  const link = main.contains(document.activeElement) && document.activeElement.getAttribute("href");
  const open = [...main.querySelectorAll("details")].map((each) => each.open);
  const aside = [...main.querySelectorAll(".scroll")].map((each) => each.scrollLeft);
  main.replaceChildren(...made.childNodes);
  main.querySelectorAll("details").forEach((each, n) => { if (n in open) each.open = open[n]; });
  main.querySelectorAll(".scroll").forEach((each, n) => { if (n in aside) each.scrollLeft = aside[n]; });
  if (link) ([...main.querySelectorAll("a")].find((each) => each.getAttribute("href") === link) || main).focus({ preventScroll: true });
  chartsIn(main);
}

if (renewed) {
  const every = 1000 * Number(renewed.dataset.renewed);
  let last = Date.now();
  const look = () => {
    if (document.hidden || Date.now() - last < every || inUse(renewed)) return;
    last = Date.now();
    renew(renewed).catch(() => {});
  };
  setInterval(look, every / 12);
  document.addEventListener("visibilitychange", look);
}

chartsIn(document);
