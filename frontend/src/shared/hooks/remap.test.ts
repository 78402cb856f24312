import { afterEach, describe, expect, it } from "vitest";
import { chooseKeys } from "./chosenKeys";
import { findCommand, type Command } from "./commands";
import { asKeyFor, obstacleTo, othersWith, type Obstacle } from "./remap";

const ran: string[] = [];
const command = (name: Command<null>["name"], keys: string[], more: Partial<Command<null>> = {}): Command<null> => ({
  name,
  group: "task",
  keys,
  run: () => ran.push(name),
  ...more,
});
const tie = command("tie", ["="]);
const undo = command("undo", ["u", "Mod+z"]);
const select = command("select", ["1-9"]);
const submit = command("submit", ["Mod+Enter"], { whileTyping: true });
const flag = command("flag", ["q", "w", "e"], { isSeries: true });
const table = [tie, undo, select, submit];

const press = (key: string) => new KeyboardEvent("keydown", { key });
const found = (key: string) => findCommand(table, press(key), null)?.name;

afterEach(() => chooseKeys({}));

describe("chosen keys", () => {
  it("take the place of those a command comes with", () => {
    chooseKeys({ undo: ["x"], tie: [] });
    expect([found("x"), found("u"), found("=")]).toEqual(["undo", undefined, undefined]);
    chooseKeys({});
    expect([found("x"), found("u"), found("=")]).toEqual([undefined, "undo", "tie"]);
  });

  it.each<[string, Command<null>, string, Obstacle | null]>([
    ["any letter", tie, "t", null],
    ["a chord", tie, "Mod+Shift+t", null],
    ["the key that moves the focus", tie, "Tab", "reserved"],
    ["the key that presses buttons", tie, "Enter", "reserved"],
    ["a digit for a command that counts", select, "Alt+1-9", null],
    ["no letter for a command that counts", select, "k", "needs_digit"],
    ["nothing else for keys that stand for one thing each", flag, "t", "series"],
    ["a chord while writing", submit, "Mod+Shift+s", null],
    ["a function key while writing", submit, "F4", null],
    ["no letter while writing", submit, "s", "needs_modifier"],
    ["no capital while writing", submit, "Shift+s", "needs_modifier"],
  ])("can be %s", (_, which, key, obstacle) => expect(obstacleTo(which, key)).toBe(obstacle));

  it("count any digit for a command that counts", () => {
    expect(asKeyFor(select, "Alt+4")).toBe("Alt+1-9");
    expect(asKeyFor(tie, "4")).toBe("4");
  });

  it("name the command that has the key already, as it is now", () => {
    const names = (key: string) => othersWith(key, tie, table).map(({ name }) => name);
    expect(names("u")).toEqual(["undo"]);
    expect(names("Mod+z")).toEqual(["undo"]);
    expect(names("=")).toEqual([]);
    expect(names("5")).toEqual(["select"]);
    expect(names("Shift+5")).toEqual([]);
    chooseKeys({ undo: ["x"] });
    expect([names("u"), names("x")]).toEqual([[], ["undo"]]);
  });
});
