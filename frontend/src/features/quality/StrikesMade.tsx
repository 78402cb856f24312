import { Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { ProblemNotice } from "@/shared/components/Problem";
import { useFormat } from "@/shared/i18n/useFormat";
import { strikesMadeOptions, undoStrike } from "./api";

/** Strikes of whole work, one person's or anybody's, each with the way to take it back; nothing where there is none. */
export function StrikesMade({ projectId, annotator }: { projectId: number; annotator?: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const queries = useQueryClient();
  const strikes = useQuery(strikesMadeOptions(projectId, annotator)).data ?? [];
  const undoing = useMutation({
    mutationFn: (id: number) => undoStrike(projectId, id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["project", projectId] }),
  });
  return (
    <Stack gap={4} component="section" aria-label={t("strikes.made")}>
      <ProblemNotice error={undoing.error} />
      {undoing.isSuccess && (
        <Text size="sm" role="status">
          {t("strikes.undone", { count: undoing.data.answers, shown: format.integer(undoing.data.answers) })}
        </Text>
      )}
      {strikes.map((strike) => (
        <Group key={strike.id} gap="sm">
          <Text size="sm">
            {t("strikes.left", {
              count: strike.left,
              shown: format.integer(strike.left),
              name: strike.person.name,
              ago: format.ago(strike.created_at),
              actor: strike.actor.name,
            })}
            {strike.reason && (
              <Text span c="dimmed">
                {" "}
                · {strike.reason}
              </Text>
            )}
          </Text>
          <ConfirmButton
            color="gray"
            deedColor="bennet"
            label={t("strikes.undo")}
            question={t("strikes.question")}
            detail={t("strikes.undo_detail")}
            loading={undoing.isPending && undoing.variables === strike.id}
            onConfirm={() => undoing.mutate(strike.id)}
          />
        </Group>
      ))}
    </Stack>
  );
}
