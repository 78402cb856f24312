import { Group, Stack, Text } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { announce } from "@/shared/components/announcer";
import { ConfirmButton } from "@/shared/components/ConfirmButton";
import { Panel } from "@/shared/components/Panel";
import { ProblemNotice } from "@/shared/components/Problem";
import type { Consented } from "@/shared/api/types";
import { myConsentsOptions, revokeConsents } from "./api";

/** Where one lets one's conversations be learned from, and the way to revoke it. */
export function MyConsents() {
  const { t } = useTranslation();
  const query = useQuery(myConsentsOptions);
  const rows = query.data?.results ?? [];
  if (query.error) return <ProblemNotice error={query.error} />;
  if (rows.length === 0) return null;
  return (
    <Panel title={t("giving.consent.title")} description={t("giving.consent.detail")}>
      <Stack gap="md">
        {rows.map((row) => (
          <ConsentRow key={row.project.id} row={row} />
        ))}
      </Stack>
    </Panel>
  );
}

function ConsentRow({ row }: { row: Consented }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const revoking = useMutation({
    mutationFn: () => revokeConsents(row.project.id),
    onSuccess: async () => {
      announce(t("giving.consent.done"));
      await queries.invalidateQueries();
    },
  });
  const said = [
    row.always && t("giving.consent.always"),
    t("giving.consent.conversations", { count: row.conversations }),
    t("giving.consent.prompts", { count: row.prompts }),
  ].filter((one) => one !== false);
  return (
    <Group justify="space-between" gap="sm">
      <div>
        <Text fw={600}>{row.project.name}</Text>
        <Text size="sm" c="dimmed">
          {said.join(" · ")}
        </Text>
        <ProblemNotice error={revoking.error} />
      </div>
      <ConfirmButton
        label={t("giving.consent.revoke")}
        question={t("giving.consent.question", { project: row.project.name })}
        detail={t("giving.consent.means")}
        loading={revoking.isPending}
        onConfirm={() => revoking.mutate()}
      />
    </Group>
  );
}
