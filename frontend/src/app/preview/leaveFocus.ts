/**
 * Let nothing in this window take the focus while another window has it: a desk that begins by itself must not end what
 * somebody is doing in the form around it. Returns the way to end it.
 */
export function leaveFocus(): () => void {
  const prototype = HTMLElement.prototype;
  const given = Object.getOwnPropertyDescriptor(prototype, "focus");
  if (!given) return () => undefined;
  const focus = given.value as typeof prototype.focus;
  prototype.focus = function (this: HTMLElement, options?: FocusOptions) {
    if (document.hasFocus()) focus.call(this, options);
  };
  return () => void Object.defineProperty(prototype, "focus", given);
}
