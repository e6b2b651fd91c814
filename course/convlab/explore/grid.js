// Draws a scene: matrices as coloured cells with their numbers, one of which can be stepped over with the arrow keys
// or the mouse.  The chosen cell's window is outlined in the matrices it is linked to; no kernel is asked.
// What a scene holds is described in scene.py.

const NUMBERED = 11; // up to so many rows and columns a matrix has its numbers in the cells
const SIDE = 224; // the most a matrix is wide or high, in pixels
const CELL = 30; // the most a cell is wide
const MARGIN = 15; // for row and column numbers
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

// For ids: each explorer on a page has this file for itself, and must not count from the same name.
const own = `convlab-${Math.random().toString(36).slice(2)}`;
let made = 0;

function element(tag, name, parent) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (parent) parent.append(made);
  return made;
}

function short(value) {
  if (!Number.isFinite(value)) return String(value).replace("Infinity", "inf").replace("NaN", "nan");
  value = Number(value.toPrecision(7));
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size >= 0.01 && size < 100) return String(Number(value.toFixed(2)));
  return size >= 100 && size < 1e6 ? value.toFixed(0) : value.toExponential(1);
}

function colourOf(stops, [low, high]) {
  return (value) => {
    if (Number.isNaN(value)) return [208, 208, 208];
    const place = Math.min(Math.max((value - low) / (high - low), 0), 1) * (stops.length - 1);
    const at = Math.min(Math.floor(place), stops.length - 2);
    return stops[at].map((channel, i) => Math.round(channel + (place - at) * (stops[at + 1][i] - channel)));
  };
}

function isDark([r, g, b]) {
  const light = (channel) => (channel / 255) ** 2.2;
  return 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b) < 0.18;
}

// What a figure is made of: while it stays, a new scene changes cells in place, many times faster than new ones.
function formOf({ shape, stepped, before }) {
  return JSON.stringify([shape, stepped, before]);
}

// The figure of one matrix.  `show(panel, values)` draws numbers into it, `outline` puts frames on it.
function makePanel(panel) {
  const [rows, columns] = panel.shape;
  const cell = Math.min(CELL, Math.floor(SIDE / Math.max(rows, columns, 1)) || 1);
  const numbered = Math.max(rows, columns) <= NUMBERED;
  const node = element("div", "place");
  if (panel.before) element("span", "sign", node).textContent = panel.before;
  const figure = element("figure", "matrix", node);
  const caption = element("figcaption", "", figure);
  const box = element("div", "box", figure);
  box.style.cssText = `width: ${MARGIN + columns * cell}px; height: ${MARGIN + rows * cell}px`;
  const body = element(numbered ? "table" : "canvas", "", box);
  body.style.cssText = `width: ${numbered ? MARGIN + columns * cell : columns * cell}px; --cell: ${cell}px`;
  const cells = [];
  const shown = []; // text and style of each cell: what stays is not touched
  if (numbered) {
    const head = element("tr", "", element("thead", "", body));
    element("td", "", head);
    for (let column = 0; column < columns; column++) label(head, "col", column);
    const rest = element("tbody", "", body);
    for (let row = 0; row < rows; row++) {
      const line = element("tr", "", rest);
      label(line, "row", row);
      for (let column = 0; column < columns; column++) {
        const place = element("td", "cell", line);
        place.id = `${own}-${++made}`;
        cells.push(place);
      }
    }
  } else {
    Object.assign(body, { width: columns, height: rows });
    body.style.height = `${rows * cell}px`;
    body.setAttribute("role", "img");
  }
  const frames = [];

  function label(line, scope, text) {
    const head = element("th", "", line);
    head.scope = scope;
    head.textContent = text;
  }

  function show(panel, values, palette) {
    const name = element("b");
    name.textContent = panel.name;
    caption.replaceChildren(name, element("br"), panel.note);
    const colour = colourOf(palette, panel.limits);
    const keys = panel.stepped ? ": the arrow keys move over its cells" : "";
    if (numbered) {
      body.setAttribute("aria-label", `${panel.name}, ${rows} rows, ${columns} columns${keys}`);
      const texts = Array.from(values, short);
      const size = Math.min(13, (1.5 * cell) / Math.max(...texts.map((text) => text.length), 2));
      const legible = size >= 8 || cell === CELL;
      body.style.fontSize = `${size}px`;
      cells.forEach((place, i) => {
        const rgb = colour(values[i]);
        const text = legible ? texts[i] : "";
        const style = `background: rgb(${rgb}); color: ${isDark(rgb) ? "white" : "black"}`;
        const before = shown[i] || {};
        if (before.text !== text) place.textContent = text;
        if (before.style !== style) place.style.cssText = style;
        shown[i] = { text, style };
      });
      return;
    }
    let [least, most] = [Infinity, -Infinity];
    const picture = new ImageData(columns, rows);
    values.forEach((value, i) => {
      [least, most] = [Math.min(least, value), Math.max(most, value)];
      picture.data.set([...colour(value), 255], 4 * i);
    });
    body.getContext("2d").putImageData(picture, 0, 0);
    const range = `numbers from ${short(least)} to ${short(most)}`;
    body.setAttribute("aria-label", `${panel.name}, ${rows} rows, ${columns} columns, ${range}${keys}`);
  }

  // Frames in cells: {kind, row, column, height, width}, cut off at the matrix.
  function outline(wanted) {
    while (frames.length < wanted.length) frames.push(element("div", "", box));
    frames.forEach((frame, i) => {
      const { kind, row, column, height, width } = wanted[i] || {};
      const [top, bottom] = [Math.max(row, 0), Math.min(row + height, rows)];
      const [left, right] = [Math.max(column, 0), Math.min(column + width, columns)];
      frame.hidden = !wanted[i] || top >= bottom || left >= right;
      if (frame.hidden) return;
      frame.className = `frame ${kind}`;
      const style = { left: MARGIN + left * cell, top: MARGIN + top * cell };
      Object.assign(style, { width: (right - left) * cell, height: (bottom - top) * cell });
      frame.style.cssText = Object.entries(style).map(([name, value]) => `${name}: ${value}px`).join(";");
    });
  }

  // The row and column under the mouse.
  function under(event) {
    const { left, top, width } = box.getBoundingClientRect();
    const zoom = width / box.offsetWidth;
    return [event.clientY - top, event.clientX - left].map((at) => Math.floor((at / zoom - MARGIN) / cell));
  }

  return { form: formOf(panel), node, body, box, cells, numbered, rows, columns, show, outline, under };
}

function render({ model, el }) {
  const root = element("div", "convlab-grid", el);
  const stage = element("div", "stage", root); // of one height, whatever stands on it
  const figure = element("div", "figure", stage);
  const message = element("p", "message", stage);
  const formula = element("p", "formula", root);
  const text = element("p", "sentence", root);
  const sentence = element("span", "", text);
  const step = element("span", "step", text);
  root.setAttribute("role", "group");
  root.setAttribute("aria-label", model.get("title"));
  message.setAttribute("role", "status");
  text.setAttribute("aria-live", "polite");
  stage.style.setProperty("--height", `${model.get("height")}px`);

  let scene = null;
  let panels = []; // what was sent, with values as numbers
  let drawn = []; // what makePanel made for each
  const lines = []; // the elements of the rows
  let chosen = null;

  // A new scene from the kernel.
  function receive() {
    scene = model.get("scene");
    panels = (scene.rows || []).flat().map((panel) => {
      const { buffer, byteOffset, byteLength } = panel.values;
      return { ...panel, values: new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength)) };
    });
    make();
    figure.hidden = !panels.length;
    message.hidden = Boolean(panels.length);
    message.textContent = scene.message || "";
    formula.textContent = scene.formula || "";
    if (sentence.textContent !== scene.sentence) sentence.textContent = scene.sentence || "";
    if (!panels.length) step.textContent = "";
    panels.forEach((panel, i) => panel.each || drawn[i].show(panel, panel.values, palette(panel)));
    choose(chosen || scene.start);
  }

  // Make the figures that are new or of another form; a message leaves them for the scene after it.
  function make() {
    let at = 0;
    (scene.rows || []).forEach((row, i) => {
      lines[i] ||= element("div", "line", figure);
      for (const panel of row) {
        const old = drawn[at];
        if (old?.form !== formOf(panel)) {
          const fresh = (drawn[at] = makePanel(panel));
          const focused = old?.node.contains(document.activeElement);
          if (old) old.node.replaceWith(fresh.node);
          else lines[i].append(fresh.node);
          if (panel.stepped) listen(fresh, focused);
        }
        at++;
      }
    });
  }

  function listen(panel, focused) {
    const { body, box, numbered } = panel;
    body.tabIndex = 0;
    keepKeys(body);
    body.setAttribute("role", numbered ? "grid" : "application");
    if (!numbered) body.setAttribute("aria-roledescription", "picture of numbers");
    for (const cell of panel.cells) cell.setAttribute("role", "gridcell");
    box.classList.add("stepped");
    box.addEventListener("pointermove", (event) => point(event));
    box.addEventListener("pointerdown", (event) => point(event));
    body.addEventListener("keydown", (event) => {
      const [row, column] = chosen;
      const ends = { Home: [row, 0], End: [row, panel.columns - 1] };
      const move = MOVES[event.key];
      const next = move ? [row + move[0], column + move[1]] : ends[event.key];
      if (!next || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      choose(next);
    });
    if (focused) body.focus({ preventScroll: true });

    function point(event) {
      const [row, column] = panel.under(event);
      if (row >= 0 && column >= 0 && row < panel.rows && column < panel.columns) choose([row, column]);
    }
  }

  function palette(panel) {
    return model.get("palettes")[panel.colours];
  }

  // Outline a cell of the stepped matrix and its windows, and say what it is.
  function choose([row, column]) {
    const at = panels.findIndex((panel) => panel.stepped);
    if (at < 0) return;
    const { rows, columns, cells, body } = drawn[at];
    row = Math.min(Math.max(row, 0), rows - 1);
    column = Math.min(Math.max(column, 0), columns - 1);
    chosen = [row, column];
    const place = row * columns + column;
    const facts = { row, column, value: short(panels[at].values[place]) };
    let template = scene.step;
    let linked = false;
    panels.forEach((panel, i) => {
      const [height, width] = panel.shape;
      const frames = panel.marked.map(([row, column]) => ({ kind: "marked", row, column, height: 1, width: 1 }));
      const pad = panel.frame;
      if (pad)
        frames.push({ kind: "padding", row: pad, column: pad, height: height - 2 * pad, width: width - 2 * pad });
      if (panel.each) {
        const values = panel.values.subarray(place * height * width, (place + 1) * height * width);
        drawn[i].show(panel, values, palette(panel));
        facts.sum = short(values.reduce((sum, value) => sum + value, 0));
      }
      if (panel.stepped) frames.push({ kind: "chosen", row, column, height: 1, width: 1 });
      if (panel.window) {
        const [stride, f, offset] = panel.window;
        const [top, left] = [row * stride + offset, column * stride + offset];
        frames.push({ kind: "window", row: top, column: left, height: f, width: f });
        if (!linked) {
          Object.assign(facts, { top, left, bottom: top + f - 1, right: left + f - 1 });
          const seen = top > -f && left > -f && top < height && left < width;
          if (scene.outside && !seen) template = scene.outside;
        }
        linked = true;
      }
      drawn[i].outline(frames);
    });
    if (cells.length) body.setAttribute("aria-activedescendant", cells[place].id);
    const said = template ? " " + template.replace(/\{(\w+)\}/g, (_, name) => facts[name]) : "";
    if (step.textContent !== said) step.textContent = said;
  }

  model.on("change:scene", receive);
  receive();
  return makeOperable(root);
}

// What ipywidgets and JupyterLab leave undone for the keyboard, done once the controls are there: the handle of a slider
// gets the name that its label shows, and the arrow keys reach a list.
function makeOperable(root) {
  const find = () => root.closest(".convlab-explorer")?.querySelector(".convlab-controls");
  const prepare = () => {
    for (const control of find()?.querySelectorAll("[role=slider], select") || []) {
      keepKeys(control);
      const label = control.closest(".widget-slider")?.querySelector(".widget-label");
      if (label) control.setAttribute("aria-label", label.textContent);
    }
  };
  const changes = new MutationObserver(prepare);
  const arrival = new ResizeObserver(() => {
    if (!find()) return;
    arrival.disconnect();
    changes.observe(find(), { childList: true, subtree: true });
    prepare();
  });
  arrival.observe(root);
  return () => (arrival.disconnect(), changes.disconnect());
}

// JupyterLab would take the arrow keys to go to another cell.
function keepKeys(element) {
  element.dataset.lmSuppressShortcuts = "true";
}

export default { render };
