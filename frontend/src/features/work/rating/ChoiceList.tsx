import { Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useId } from "react";
import { passesEnter, CHOICE_KEYS, keyOfEntry } from "@/shared/hooks/keys";
import { useNamed } from "@/shared/components/answers/useNamed";
import { Keys } from "@/shared/components/Keys";
import { useKeysOf } from "@/shared/hooks/chosenKeys";
import classes from "./Choices.module.css";

interface Props {
  title: string;
  options: readonly string[];
  chosen: readonly string[];
  /** Several may be chosen. */
  multiple?: boolean;
  onChoose: (name: string) => void;
}

/** Longer lists stand in two columns. */
const FEW = 6;

/** One or several of a list; the digits choose among the first ten. */
export function ChoiceList({ title, options, chosen, multiple = false, onChoose }: Props) {
  const named = useNamed();
  const keys = useKeysOf({ name: "choose", keys: CHOICE_KEYS });
  const heading = useId();
  return (
    <div>
      <Text id={heading} size="sm" fw={600} mb={6}>
        {title}
      </Text>
      <div
        role="group"
        aria-labelledby={heading}
        className={classes.choices}
        data-many={options.length > FEW || undefined}
      >
        {options.map((name, index) => {
          const isChosen = chosen.includes(name);
          const key = keyOfEntry(keys, index + 1);
          return (
            <button
              key={name}
              type="button"
              className={classes.choice}
              aria-pressed={isChosen}
              onClick={() => onChoose(name)}
              {...passesEnter}
            >
              <span className={classes.tick} data-round={!multiple || undefined} aria-hidden>
                {isChosen && <IconCheck size={13} stroke={3} />}
              </span>
              <span dir="auto">{named(name)}</span>
              <span aria-hidden>{key && <Keys combination={key} />}</span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
