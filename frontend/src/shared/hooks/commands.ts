import { createContext, useContext, useEffect, useEffectEvent } from "react";
import type { Catalogue } from "@/shared/i18n/i18n";
import { keysOf } from "./chosenKeys";
import { showShortcuts } from "./shortcutSheet";
import { isTyping, matches, type Key } from "./keys";

export type CommandName = keyof Catalogue["command"];
export type CommandGroup = keyof Catalogue["command_group"];

/** One row of a command table: it feeds the shortcut, the button and the help sheet alike. */
export interface Command<Context> {
  name: CommandName;
  group: CommandGroup;
  keys: readonly Key[];
  /** Also while the cursor stands in a text field. */
  whileTyping?: boolean;
  /** Each of its keys stands for something of its own, so they are kept or turned off together. */
  isSeries?: boolean;
  available?: (context: Context) => boolean;
  run: (context: Context, event?: KeyboardEvent) => void;
}

export function findCommand<Context>(table: readonly Command<Context>[], event: KeyboardEvent, context: Context) {
  const typing = isTyping(event.target);
  return table.find(
    (command) =>
      (!typing || command.whileTyping) &&
      keysOf(command).some((key) => matches(key, event)) &&
      (command.available?.(context) ?? true),
  );
}

/** Below it nothing listens for keys: what is shown is only shown. */
export const CommandsOff = createContext(false);

/** Listen for the table's keys while mounted, and put the table on the help sheet. */
export function useCommands<Context>(table: readonly Command<Context>[], context: Context): void {
  const isOff = useContext(CommandsOff);
  useEffect(() => (isOff ? undefined : showShortcuts(table)), [isOff, table]);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || inOverlay(event.target)) return;
    const command = findCommand(table, event, context);
    if (!command) return;
    event.preventDefault();
    command.run(context, event);
  });
  useEffect(() => {
    if (isOff) return;
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, [isOff]);
}

/** A dialog or menu in front has the keyboard to itself. */
function inOverlay(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}
