// <button data-island="dialog" data-opens="id">: opens a <dialog>, which gives the focus back when it closes.

export function mount(element: HTMLElement): () => void {
  const open = (): void => {
    const dialog = document.getElementById(element.dataset["opens"] ?? "");
    if (dialog instanceof HTMLDialogElement) {
      dialog.showModal();
    }
  };
  element.addEventListener("click", open);
  return () => element.removeEventListener("click", open);
}
