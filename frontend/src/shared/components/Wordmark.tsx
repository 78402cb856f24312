import { Group, Text } from "@mantine/core";
import classes from "./Wordmark.module.css";

const PRODUCT = "Bennet";

/** Three bars in order: the best on top. */
export function Wordmark() {
  return (
    <Group gap={10} wrap="nowrap">
      <span className={classes.mark} aria-hidden>
        <i />
        <i />
        <i />
      </span>
      <Text fw={650} fz={19} lh={1} lts="-0.01em">
        {PRODUCT}
      </Text>
    </Group>
  );
}
