import { Badge, type MantineColor } from "@mantine/core";
import { useTranslation } from "react-i18next";

const COLORS = {
  queued: "gray",
  running: "fjord",
  done: "moss",
  frozen: "moss",
  failed: "red",
  cancelled: "gray",
  open: "fjord",
  closed: "moss",
  active: "moss",
  paused: "yellow",
  submitted: "gray",
  accepted: "moss",
  returned: "yellow",
  struck: "red",
  archived: "gray",
} satisfies Record<string, MantineColor>;
type State = keyof typeof COLORS;

const isKnown = (state: string): state is State => state in COLORS;

export function StateBadge({ state }: { state: string }) {
  const { t } = useTranslation();
  return (
    <Badge color={isKnown(state) ? COLORS[state] : "gray"} variant="light" tt="none" fw={600}>
      {isKnown(state) ? t(`state.${state}`) : state}
    </Badge>
  );
}
