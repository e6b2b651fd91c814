// A network: its volumes as a drawing that comes from the kernel, and its layers as a table.
const HEADS = ["no.", "layer", "output shape", "parameters"];

function element(tag, parent, text = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  parent.append(made);
  return made;
}

function render({ model, el }) {
  const root = element("div", el);
  root.className = "convlab-stack";
  root.style.height = `${model.get("height")}px`;
  const drawing = element("div", root);
  const table = element("table", root);

  function receive() {
    const { drawing: svg = "", rows = [], chosen } = model.get("network");
    root.classList.toggle("empty", !rows.length); // leaves the first place to the message
    drawing.innerHTML = svg;
    table.replaceChildren();
    table.hidden = !rows.length;
    element("caption", table, "What your layer_table says");
    const head = element("tr", element("thead", table));
    for (const text of HEADS) element("th", head, text).scope = "col";
    const body = element("tbody", table);
    rows.forEach((texts, place) => {
      const row = element("tr", body);
      texts.forEach((text, column) => element(column === 1 ? "th" : "td", row, text));
      row.children[1].scope = "row";
      if (place === chosen) row.setAttribute("aria-current", "true");
    });
  }

  model.on("change:network", receive);
  receive();
}

export default { render };
