// A field to draw a digit on, with the mouse, a finger, a pen or the keyboard; beside it the 8×8 numbers that the network
// gets, and what it makes of them.  The kernel is given the bitmap and gives the rest: see drawing.py.

const SIDE = 32; // pixels of the bitmap
const CELL = 8; // screen pixels for each
const PEN = 1.9; // radius of the pen, in pixels of the bitmap
const PAUSE = 80; // ms between two bitmaps that are sent while someone draws
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const START = { row: 4, column: 16 }; // of the keyboard's pen
const HELP =
  "Draw with the mouse, or with the keyboard: arrow keys move the pen, Space lowers or lifts it, Delete clears.";

let made = 0; // for ids

function element(tag, name, parent) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (parent) parent.append(made);
  return made;
}

function render({ model, el }) {
  const root = element("div", "convlab-drawing", el);
  const bits = new Uint8Array(SIDE * SIDE);
  const pen = { ...START, down: false, shown: false };
  let sent = 0;
  let timer = 0;

  const left = element("div", "field", root);
  const canvas = element("canvas", "", left);
  canvas.width = canvas.height = SIDE * CELL;
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "drawing field");
  canvas.setAttribute("aria-label", "Field to draw a digit on");
  const help = element("p", "help", left);
  help.id = `convlab-drawing-${made++}`;
  help.textContent = HELP;
  canvas.setAttribute("aria-describedby", help.id);
  const clear = element("button", "jupyter-button", left);
  clear.type = "button";
  clear.textContent = "Clear";
  const state = element("span", "state", left);
  state.setAttribute("aria-live", "polite");

  const middle = element("figure", "preview", root);
  const table = element("table", "", middle);
  table.setAttribute("aria-label", "The 8 by 8 numbers that the network gets");
  const cells = [];
  for (let row = 0; row < 8; row++) {
    const line = element("tr", "", table);
    for (let column = 0; column < 8; column++) cells.push(element("td", "", line));
  }
  element("figcaption", "", middle).textContent = "what the network gets: pixels counted in blocks of 4×4";

  const right = element("div", "answer", root);
  const list = element("ol", "bars", right);
  list.setAttribute("aria-label", "Probability of each digit");
  const bars = [...Array(10).keys()].map((digit) => {
    const line = element("li", "", list);
    element("span", "digit", line).textContent = digit;
    const bar = element("span", "bar", element("span", "track", line));
    return { line, bar, value: element("span", "value", line) };
  });
  const sentence = element("p", "sentence", root);
  sentence.setAttribute("aria-live", "polite");

  function paint() {
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = "black";
    bits.forEach((bit, i) => {
      if (bit) context.fillRect((i % SIDE) * CELL, Math.floor(i / SIDE) * CELL, CELL, CELL);
    });
    if (!pen.shown) return;
    context.lineWidth = 3;
    context.strokeStyle = pen.down ? "#b1182b" : "#1565c0";
    context.setLineDash(pen.down ? [] : [4, 3]);
    context.beginPath();
    context.arc((pen.column + 0.5) * CELL, (pen.row + 0.5) * CELL, PEN * CELL, 0, 7);
    context.stroke();
    context.setLineDash([]);
  }

  function dot(row, column) {
    for (let r = Math.max(0, Math.ceil(row - PEN)); r <= Math.min(SIDE - 1, row + PEN); r++)
      for (let c = Math.max(0, Math.ceil(column - PEN)); c <= Math.min(SIDE - 1, column + PEN); c++)
        if ((r - row) ** 2 + (c - column) ** 2 <= PEN ** 2) bits[r * SIDE + c] = 1;
  }

  function line(row, column) {
    const steps = Math.max(1, Math.ceil(2 * Math.hypot(row - pen.row, column - pen.column)));
    for (let i = 0; i <= steps; i++)
      dot(pen.row + ((row - pen.row) * i) / steps, pen.column + ((column - pen.column) * i) / steps);
  }

  function send() {
    clearTimeout(timer);
    timer = 0;
    sent = performance.now();
    model.set("bitmap", bits.join(""));
    model.save_changes();
  }

  function changed() {
    paint();
    if (!timer) timer = setTimeout(send, Math.max(0, PAUSE - (performance.now() - sent)));
  }

  function tell() {
    state.textContent = pen.shown ? `pen ${pen.down ? "down" : "up"}, row ${pen.row}, column ${pen.column}` : "";
  }

  function wipe() {
    bits.fill(0);
    Object.assign(pen, START, { down: false });
    tell();
    changed();
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const at = (from, size, where) => ((where - from) / size) * SIDE - 0.5;
    return [at(box.top, box.height, event.clientY), at(box.left, box.width, event.clientX)];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    canvas.focus();
    pen.shown = false;
    pen.down = true;
    [pen.row, pen.column] = place(event);
    dot(pen.row, pen.column);
    tell();
    changed();
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!pen.down || pen.shown) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const [row, column] = place(one);
      line(row, column);
      [pen.row, pen.column] = [row, column];
    }
    changed();
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, () => {
      if (!pen.shown) pen.down = false;
    });
  canvas.addEventListener("keydown", (event) => {
    const move = MOVES[event.key];
    if (!move && ![" ", "Delete", "Backspace"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    if (!pen.shown) Object.assign(pen, { shown: true, down: false });
    pen.row = Math.round(Math.min(Math.max(pen.row, 0), SIDE - 1));
    pen.column = Math.round(Math.min(Math.max(pen.column, 0), SIDE - 1));
    if (move) {
      const [row, column] = [pen.row + move[0], pen.column + move[1]].map((n) => Math.min(Math.max(n, 0), SIDE - 1));
      if (pen.down) line(row, column);
      Object.assign(pen, { row, column });
    } else if (event.key === " ") {
      pen.down = !pen.down;
      if (pen.down) dot(pen.row, pen.column);
    } else return wipe();
    tell();
    changed();
  });
  canvas.addEventListener("blur", () => {
    Object.assign(pen, { shown: false, down: false });
    tell();
    paint();
  });
  clear.addEventListener("click", wipe);

  function showPreview() {
    const stops = model.get("palettes").magnitude;
    model.get("preview").forEach((count, i) => {
      const at = Math.min(Math.floor((count / 16) * (stops.length - 1)), stops.length - 2);
      const part = (count / 16) * (stops.length - 1) - at;
      const colour = stops[at].map((channel, k) => Math.round(channel + part * (stops[at + 1][k] - channel)));
      cells[i].textContent = count;
      cells[i].style.background = `rgb(${colour.join(" ")})`;
      cells[i].style.color = count > 7 ? "black" : "white";
    });
  }

  function showAnswer() {
    const probabilities = model.get("probabilities");
    const best = probabilities.indexOf(Math.max(...probabilities));
    bars.forEach(({ line, bar, value }, digit) => {
      const share = probabilities[digit] ?? 0;
      bar.style.width = `${100 * share}%`;
      value.textContent = probabilities.length ? `${Math.round(100 * share)} %` : "–";
      line.classList.toggle("best", digit === best);
    });
  }

  function showSentence() {
    sentence.textContent = model.get("sentence");
  }

  model.on("change:preview", showPreview);
  model.on("change:probabilities", showAnswer);
  model.on("change:sentence", showSentence);
  model.get("bitmap").split("").forEach((bit, i) => (bits[i] = Number(bit)));
  paint();
  showPreview();
  showAnswer();
  showSentence();
  return () => clearTimeout(timer);
}

export default { render };
