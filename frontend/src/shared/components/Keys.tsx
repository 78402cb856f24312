import { Kbd } from "@mantine/core";
import { useKeysOf } from "@/shared/hooks/chosenKeys";
import { keyParts, type Key } from "@/shared/hooks/keys";
import classes from "./Keys.module.css";

/** A key or chord as printed on the keyboard. */
export function Keys({ combination }: { combination: Key }) {
  return (
    <span className={classes.keys}>
      {keyParts(combination).map((part) => (
        <Kbd key={part} size="xs" className={classes.key}>
          {part}
        </Kbd>
      ))}
    </span>
  );
}

/** The first key of a command, as its person has chosen it. */
export function CommandKeys({ command }: { command: { name: string; keys: readonly Key[] } }) {
  const [key] = useKeysOf(command);
  return key && <Keys combination={key} />;
}
