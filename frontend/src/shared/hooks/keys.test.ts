import { describe, expect, it } from "vitest";
import { keyOf, matches } from "./keys";

const press = (key: string, init: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key, ...init });

describe("a key", () => {
  it.each<[string, KeyboardEvent, boolean]>([
    ["j", press("j"), true],
    ["j", press("j", { ctrlKey: true }), false],
    ["Mod+Enter", press("Enter", { ctrlKey: true }), true],
    ["Mod+Enter", press("Enter", { metaKey: true }), true],
    ["Mod+Enter", press("Enter"), false],
    ["Mod+z", press("z", { ctrlKey: true, shiftKey: true }), false],
    ["Mod+Shift+z", press("Z", { ctrlKey: true, shiftKey: true }), true],
    ["=", press("=", { shiftKey: true }), true],
    ["?", press("?", { shiftKey: true }), true],
    ["1-9", press("5", { code: "Digit5" }), true],
    ["1-9", press("0", { code: "Digit0" }), false],
    ["1-9", press("!", { code: "Digit1", shiftKey: true }), false],
    ["Shift+1-9", press("!", { code: "Digit1", shiftKey: true }), true],
    ["[", press("[", { ctrlKey: true, altKey: true, modifierAltGraph: true }), true],
    ["b", press("b", { altKey: true }), false],
    ["Alt+b", press("∫", { code: "KeyB", altKey: true }), true],
    ["Alt+1-9", press("¡", { code: "Digit1", altKey: true }), true],
    ["ø", press("ø"), true],
    ["Shift+ø", press("Ø", { shiftKey: true }), true],
  ])("%s", (key, event, expected) => expect(matches(key, event)).toBe(expected));
});

describe("a key pressed", () => {
  it.each<[string | null, KeyboardEvent]>([
    ["j", press("j")],
    ["Shift+j", press("J", { shiftKey: true })],
    ["Mod+Shift+z", press("Z", { ctrlKey: true, shiftKey: true })],
    ["?", press("?", { shiftKey: true })],
    ["[", press("[", { ctrlKey: true, altKey: true, modifierAltGraph: true })],
    ["Alt+b", press("∫", { code: "KeyB", altKey: true })],
    ["Shift+ArrowUp", press("ArrowUp", { shiftKey: true })],
    ["F2", press("F2")],
    [null, press("Shift", { shiftKey: true })],
    [null, press("Dead")],
  ])("is named %s", (key, event) => {
    expect(keyOf(event)).toBe(key);
    if (key) expect(matches(key, event)).toBe(true);
  });
});
