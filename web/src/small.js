// Small help on a page: copy, print, see the password, a scanned receipt. Unveiled here.
const ACTS = {
  copy(button) {
    navigator.clipboard.writeText(button.dataset.copy).then(() => {
      button.querySelector("span").textContent = button.dataset.done;
    });
  },
  print: () => print(),
  eye(button) {
    const field = document.getElementById(button.dataset.eye);
    const isSeen = field.type === "password";
    field.type = isSeen ? "text" : "password";
    button.setAttribute("aria-pressed", String(isSeen));
    field.focus();
  },
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  for (const [name, act] of Object.entries(ACTS)) {
    if (button && name in button.dataset) act(button);
  }
});

// A password typed with Caps Lock on is refused, and what is typed cannot be seen.
function watchCaps(told) {
  const field = document.getElementById(told.dataset.caps);
  const look = (event) => {
    told.hidden = !event.getModifierState?.("CapsLock");
  };
  for (const kind of ["keydown", "keyup", "click"]) field.addEventListener(kind, look);
  field.addEventListener("blur", () => {
    told.hidden = true;
  });
}

export function offerSmall() {
  for (const told of document.querySelectorAll("[data-caps]")) watchCaps(told);
  for (const part of document.querySelectorAll("[data-with-scripts], [data-eye]")) part.hidden = false;
  fillFromCode();
}

// The code of a receipt leads here with number and code behind the #.
function fillFromCode() {
  const form = document.querySelector("[data-from-code]");
  const [, number, code] = location.hash.match(/^#(\d+)\.(\w+)$/) ?? [];
  if (!form || !number) return;
  form.elements.number.value = number;
  form.elements.code.value = code;
  history.replaceState(null, "", location.pathname);
}

// A browser writes dates in its own language; beside the field they stand in that of the page.
export function readDates() {
  for (const field of document.querySelectorAll("input[type=date], input[type=datetime-local]")) {
    if (field.dataset.read) continue;
    field.dataset.read = "yes";
    const said = document.createElement("output");
    said.className = "hint read-date";
    field.after(said);
    const read = () => {
      const at = field.value && new Date(field.type === "date" ? `${field.value}T00:00` : field.value);
      const clock = field.type === "date" ? {} : { hour: "2-digit", minute: "2-digit", hour12: false };
      const day = { year: "numeric", month: "long", day: "numeric", weekday: "short", ...clock };
      said.textContent = at ? new Intl.DateTimeFormat(document.documentElement.lang, day).format(at) : "";
    };
    field.addEventListener("input", read);
    read();
  }
}
