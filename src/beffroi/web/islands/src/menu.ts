// The main menu: its buttons open and close what they name; Escape, a click elsewhere or leaving by the keyboard closes.

const OPEN = "aria-expanded";

function buttons(within: ParentNode): HTMLElement[] {
  return [...within.querySelectorAll<HTMLElement>(`button[${OPEN}]`)];
}

function close(button: HTMLElement): void {
  button.setAttribute(OPEN, "false");
}

function isOpen(button: HTMLElement): boolean {
  return button.getAttribute(OPEN) === "true";
}

function toggle(menu: HTMLElement, button: HTMLElement): void {
  const opening = !isOpen(button);
  if (button.classList.contains("menu-group-open")) {
    menu.querySelectorAll<HTMLElement>(".menu-group-open").forEach(close); // one group at a time
  }
  button.setAttribute(OPEN, String(opening));
}

function closeAll(menu: HTMLElement): void {
  buttons(menu).forEach(close);
}

export function serveMenu(menu: HTMLElement): void {
  menu.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>(`button[${OPEN}]`) : null;
    if (button !== null) {
      toggle(menu, button);
    }
  });
  menu.addEventListener("keydown", (event) => {
    const open = buttons(menu).filter(isOpen).pop();
    if (event.key === "Escape" && open !== undefined) {
      close(open);
      open.focus();
    }
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !menu.contains(event.relatedTarget)) {
      closeAll(menu);
    }
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Node && !menu.contains(event.target)) {
      closeAll(menu);
    }
  });
  menu.dataset["ready"] = "";
}
