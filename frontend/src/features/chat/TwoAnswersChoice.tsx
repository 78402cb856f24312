import { Group, NumberInput, Select, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ProblemNotice } from "@/shared/components/Problem";
import type { ChatSetup } from "@/shared/api/types";
import { askForTwo, chatOptions } from "./api";

/** How often people get two answers, and from whom the other one is: for those who compare models. */
export function TwoAnswersChoice({ projectId, setup }: { projectId: number; setup: ChatSetup }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const asking = useMutation({
    mutationFn: (asked: { share: number; second: number | null }) => askForTwo(projectId, asked),
    onSuccess: (found) => queries.setQueryData(chatOptions(projectId).queryKey, found),
  });
  const now = { share: setup.two_answers?.share ?? 0, second: setup.two_answers?.second?.id ?? null };
  const keep = (value: number) => {
    const share = Math.min(100, Math.max(0, value)) / 100;
    if (share !== now.share) asking.mutate({ ...now, share });
  };
  const protocol = setup.two_answers?.protocol;
  return (
    <Stack gap="xs" component="section" aria-label={t("chat.two.setup")}>
      <Text fw={500} size="sm">
        {t("chat.two.setup")}
      </Text>
      <Text size="xs" c="dimmed" maw={560}>
        {t("chat.two.setup_detail")} {protocol && t("chat.two.kept", { name: protocol.name })}
      </Text>
      <Group align="flex-end">
        <NumberInput
          key={now.share}
          label={t("chat.two.share")}
          defaultValue={Math.round(now.share * 1000) / 10}
          min={0}
          max={100}
          onBlur={(event) => keep(Number(event.currentTarget.value))}
          onKeyDown={(event) => event.key === "Enter" && keep(Number(event.currentTarget.value))}
        />
        <Select
          label={t("chat.two.second")}
          placeholder={t("chat.two.same")}
          data={setup.models.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={now.second === null ? null : String(now.second)}
          onChange={(id) => asking.mutate({ ...now, second: id === null ? null : Number(id) })}
          clearable
        />
      </Group>
      <ProblemNotice error={asking.error} />
    </Stack>
  );
}
