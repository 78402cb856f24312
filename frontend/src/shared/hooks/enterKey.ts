/** Controls that Enter would press. Choices are pressed by Space and by their own keys, so that Enter can go on. */
const PRESSED_BY_ENTER = "a, button, input, select, textarea, summary, [role=button], [role=switch], [contenteditable]";

/** Enter goes on with the work only where it would not press what has the focus. Put on choices: `{...passesEnter}`. */
export function enterGoesOn(): boolean {
  const at = document.activeElement;
  return !at?.closest(PRESSED_BY_ENTER) || at.matches("[data-passes-enter]");
}

export const passesEnter = { "data-passes-enter": true } as const;
