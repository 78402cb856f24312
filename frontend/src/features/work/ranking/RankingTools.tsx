import { Group, SimpleGrid, Stack, Switch, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CommandButton } from "@/shared/components/CommandButton";
import { CommandKeys } from "@/shared/components/Keys";
import classes from "./RankingBoard.module.css";
import { rankingCommands, type RankingContext } from "./rankingCommands";

interface Props {
  context: RankingContext;
  allBad: boolean;
  allowTies: boolean;
}

/** The ranking commands as buttons, each with its key on it. */
export function RankingTools({ context, allBad, allowTies }: Props) {
  const { t } = useTranslation();
  const { raise, lower, tie, undo, redo } = rankingCommands;
  return (
    <Stack gap="xs">
      <SimpleGrid cols={2} spacing="xs">
        <CommandButton size="xs" command={raise} context={context} justify="space-between" />
        <CommandButton size="xs" command={lower} context={context} justify="space-between" />
        <CommandButton size="xs" command={undo} context={context} justify="space-between" />
        <CommandButton size="xs" command={redo} context={context} justify="space-between" />
      </SimpleGrid>
      {allowTies && <CommandButton size="xs" command={tie} context={context} justify="space-between" fullWidth />}
      <Group justify="space-between" px={4} py={6} wrap="nowrap">
        <Switch
          checked={allBad}
          onChange={() => context.move({ type: "toggle_all_bad" })}
          label={t("command.all_bad")}
          size="sm"
        />
        <CommandKeys command={rankingCommands.allBad} />
      </Group>
      <Text size="xs" c="dimmed" className={classes.hint}>
        {t("ranking.keys_hint")}
      </Text>
    </Stack>
  );
}
