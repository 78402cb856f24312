import { Text } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { useId } from "react";
import { passesEnter } from "@/shared/hooks/keys";
import { useNamed } from "@/shared/components/answers/useNamed";
import { Keys } from "@/shared/components/Keys";
import { useKeysOf } from "@/shared/hooks/chosenKeys";
import type { Flags } from "@/shared/api/types";
import classes from "./Choices.module.css";
import { FLAG_KEYS } from "./ratingCommands";

interface Props {
  title: string;
  names: readonly string[];
  values: Flags;
  onToggle: (name: string) => void;
  /** Letters would mean two things where several completions are flagged at once. */
  hasKeys?: boolean;
}

/** What may hold, yes or no, each with the letter that switches it. */
export function FlagList({ title, names, values, onToggle, hasKeys = true }: Props) {
  const named = useNamed();
  const keys = useKeysOf({ name: "flag", keys: FLAG_KEYS });
  const heading = useId();
  if (names.length === 0) return null;
  return (
    <div role="group" aria-labelledby={heading}>
      <Text id={heading} size="sm" fw={600} mb={6}>
        {title}
      </Text>
      <div className={classes.choices}>
        {names.map((name, index) => (
          <button
            key={name}
            type="button"
            className={classes.choice}
            aria-pressed={values[name] === true}
            onClick={() => onToggle(name)}
            {...passesEnter}
          >
            <span className={classes.tick} aria-hidden>
              {values[name] && <IconCheck size={13} stroke={3} />}
            </span>
            <span dir="auto">{named(name)}</span>
            <span aria-hidden>{hasKeys && keys[index] && <Keys combination={keys[index]} />}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
