import { Badge, Group } from "@mantine/core";
import type { Flags } from "@/shared/api/types";
import { useNamed } from "./useNamed";

/** The flags that were raised; those that were not say nothing. */
export function FlagFacts({ flags }: { flags: Flags }) {
  const named = useNamed();
  const raised = Object.keys(flags).filter((name) => flags[name]);
  if (raised.length === 0) return null;
  return (
    <Group gap={6}>
      {raised.map((name) => (
        <Badge
          key={name}
          variant="light"
          color="gray"
          tt="none"
          h="auto"
          py={2}
          styles={{ label: { whiteSpace: "normal" } }}
        >
          {named(name)}
        </Badge>
      ))}
    </Group>
  );
}
