import { Kbd } from "@mantine/core";
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
